// NaN and infinity in a file: every run that meets them stops and names the file and the place, and writes no result.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeNpy } from '../../../src/engine/bytes/index.ts'
import { openModels } from '../../../src/engine/model-set/open-models.ts'
import { quantisedLinear } from '../../../src/engine/model-set/quantise.ts'
import { openChunkDecoder, type Decoder } from '../../../src/engine/decoding/autoregressive.ts'
import { openMaskedDecoder } from '../../../src/engine/decoding/masked.ts'
import { openDeviceDecoder } from '../../../src/engine/decoding/device-decoder.ts'
import { openRereadDecoder } from '../../../src/engine/decoding/reread-decoder.ts'
import { openReferenceDecoder } from '../../../src/engine/decoding/step-decoder.ts'
import { readCodebook } from '../../../src/engine/runs/atlas/codebook-entries.ts'
import { openExtractor } from '../../../src/engine/runs/evaluation/open-extractor.ts'
import { openSetFeatures } from '../../../src/engine/runs/evaluation/features.ts'
import { openImageSet } from '../../../src/engine/runs/evaluation/image-set.ts'
import { writeLayerFeatures } from '../../../src/engine/runs/linear-probe/layer-features.ts'
import { writeFeatures } from '../../../src/engine/tokenizer/features.ts'
import { openFeatures } from '../../../src/engine/tokenizer/feature-shards.ts'
import { openPixelDecoder, openTokenizer, openVqTokenizer } from '../../../src/engine/tokenizer/tokenizer.ts'
import type { KMeansSpec } from '../../../src/shared/run/run.ts'
import { runKMeans } from '../../../src/engine/runs/kmeans/kmeans.ts'
import { changed, fairseqOf, tensorsOf, torchFile, type MadeTensor } from '../../torch-file.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { OFFICIAL } from '../models/run-graph.ts'

const folder = temporaryFolder()
const checkpoint = (name: string) => join(OFFICIAL, `outputs/${name}/checkpoints/checkpoint_last.pt`)
const CODEBOOK = join(OFFICIAL, 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy')
const PICTURE = { rgb: new Uint8Array(224 * 224 * 3), width: 224, height: 224 }
const with1 = (tensor: MadeTensor, value: number) => changed(tensor, (old, i) => (i === 7 ? value : old))

async function transformer(name: string, tensor: string, value: number): Promise<string> {
  const { config, model } = await fairseqOf(checkpoint(name))
  const bad = { ...model, [tensor]: with1(model[tensor]!, value) }
  return folder.write(`${name}-${value}.pt`, torchFile({ cfg: { model: config }, model: bad }))
}

const CPU = { provider: 'cpu' } as const
const sampling = { temperature: 1, topK: 0, topP: 0.8 }
const sequence = { prefix: [2], seed: 1, image: 5, use: 'stage1' } as const

describe.each([NaN, Infinity])('%s in the weights', (value) => {
  it.each([
    ['in a loop', openChunkDecoder],
    ['in chunks that read again', openRereadDecoder],
    ['step by step', openDeviceDecoder],
    ['outside the graph', openReferenceDecoder],
  ])('of stage 1, drawn %s: no token is drawn', async (_, open) => {
    const path = await transformer('tiny_stage1', 'decoder.layers.0.fc1.weight', value)
    const models = await openModels([path])
    const decoder: Decoder = await open(await models.open('stage1'), CPU)
    await expect(decoder.decode([sequence], { sampling, length: 4 })).rejects.toThrow(
      `${path}: stage1, image 5, token 0: the logits are not finite`,
    )
    await decoder.close()
    await models.close()
  })

  it('of stage 2 NAR: no code is drawn', async () => {
    const path = await transformer('tiny_stage2_nar', 'decoder.layers.0.fc1.weight', value)
    const models = await openModels([path])
    const model = await models.open('stage2Nar')
    const decoder = await openMaskedDecoder(model, CPU)
    const prefix = new Array<number>(256).fill(model.config.vocabulary + 10)
    const decoding = { steps: 2, choiceTemperature: 4.5 }
    await expect(decoder.decode([{ ...sequence, prefix }], { sampling, decoding })).rejects.toThrow(
      `${path}: stage2-nar, image 5, token 0: the logits are not finite`,
    )
    await decoder.close()
    await models.close()
  })

  it('are not rounded to 8 bits, which have no such value', async () => {
    const path = await transformer('tiny_stage1', 'decoder.layers.1.fc1.weight', value)
    const models = await openModels([path])
    await expect(quantisedLinear(await models.open('stage1'), 8, 'signed')).rejects.toThrow(
      /tensor model\.decoder\.layers\.1\.fc1\.weight: not finite \(found (NaN|Infinity) at \[0, 7\]\)/,
    )
    await models.close()
  })

  it('of the VQGAN: no picture and no code is made', async () => {
    const tensors = await tensorsOf(join(OFFICIAL, 'models/vqgan_jax_strongaug.ckpt'))
    const name = (end: string) => Object.keys(tensors).find((key) => key.endsWith(end))!
    const [conv, codes] = [name('decoder.conv_in.weight'), name('quantize.embedding.weight')]
    const write = (file: string, key: string) =>
      folder.write(file, torchFile({ ...tensors, [key]: with1(tensors[key]!, value) }))
    const [decoded, encoded] = [write(`conv-${value}.ckpt`, conv), write(`codes-${value}.ckpt`, codes)]
    const models = await openModels([decoded])
    const decoder = await openPixelDecoder(await models.open('vqgan'), 'cpu')
    const grid = new Int32Array(256)
    await expect(decoder.decode([grid, grid], ['image 3', 'image 4'])).rejects.toThrow(
      `${decoded}: pixels of image 3, row 0: not finite`,
    )
    await decoder.close()
    await models.close()
    const others = await openModels([encoded])
    await expect(openVqTokenizer(await others.open('vqgan'), 'cpu')).rejects.toThrow(
      /not finite .* at \[0, 7\]/,
    )
    await expect(readCodebook(others, 'codes')).rejects.toThrow(`${encoded}: tensor ${codes}: not finite`)
    await others.close()
  })

  it('of the encoder: no token is assigned', async () => {
    const tensors = await tensorsOf(join(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth'))
    const name = 'blocks.0.mlp.fc1.weight'
    const path = folder.write(
      `enc-${value}.pth`,
      torchFile({ ...tensors, [name]: with1(tensors[name]!, value) }),
    )
    const models = await openModels([path, CODEBOOK])
    const tokenizer = await openTokenizer(
      await models.open('encoder'),
      await models.open('codebook'),
      224,
      'cpu',
    )
    await expect(tokenizer.tokens([PICTURE], ['cat.png'])).rejects.toThrow(
      `${path}: features of cat.png, cell 0: not finite`,
    )
    await expect(tokenizer.patches([PICTURE])).rejects.toThrow(`${path}: features of picture 1 of 1, cell 0`)
    await tokenizer.close()
    await models.close()
  })
})

describe('NaN in the encoder', () => {
  const callbacks = { progress() {}, signal: new AbortController().signal }
  let path: string
  let pictures: string[]
  beforeAll(async () => {
    const tensors = await tensorsOf(join(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth'))
    const name = 'blocks.0.mlp.fc1.weight'
    path = folder.write('enc.pth', torchFile({ ...tensors, [name]: with1(tensors[name]!, NaN) }))
    const from = join(import.meta.dirname, '../../fixtures/images/png')
    pictures = ['rgb.png', 'grey.png'].map((file) => folder.copy(`set/${file}`, join(from, file)))
  })

  it('writes no features for K-Means', async () => {
    const models = await openModels([path])
    const encoder = await models.open('encoder')
    const plan = { pictures, patches: 1, augment: false, layer: 3, seed: 1, batchSize: 2 }
    await expect(
      writeFeatures(join(folder.path, 'features'), encoder, plan, 'cpu', callbacks),
    ).rejects.toThrow(`${path}: features of ${pictures[0]}, patch 0: not finite in half precision`)
    expect(readdirSync(join(folder.path, 'features/features'))).toEqual([])
    await models.close()
  })

  it('keeps no features for a measurement', async () => {
    const models = await openModels([path])
    const extractor = await openExtractor('dinov2', models, 'cpu')
    const set = await openImageSet(join(folder.path, 'set'))
    await expect(openSetFeatures(set, extractor, callbacks, join(folder.path, 'cache'))).rejects.toThrow(
      'enc.pth: features of grey.png: not finite',
    )
    await extractor.close()
    await models.close()
  })
})

it('NaN in stage 1 makes no features for a linear probe', async () => {
  const path = await transformer('tiny_stage1', 'decoder.layers.1.fc1.weight', NaN)
  const models = await openModels([path, join(OFFICIAL, 'models'), CODEBOOK])
  const probed = {
    encoder: await models.open('encoder'),
    codebook: await models.open('codebook'),
    stage1: await models.open('stage1'),
  }
  const picture = join(import.meta.dirname, '../../fixtures/images/png/rgb.png')
  const callbacks = { progress() {}, signal: new AbortController().signal }
  await expect(
    writeLayerFeatures(join(folder.path, 'probe.npy'), [picture], probed, 'cpu', callbacks),
  ).rejects.toThrow(`${path}: states of ${picture}, layer 2: not finite`)
  await models.close()
})

it('a codebook with NaN in a centroid is not opened', async () => {
  const bytes = new Uint8Array(readFileSync(CODEBOOK))
  bytes.set(new Uint8Array(Float32Array.of(NaN).buffer), bytes.length - 4 * 64 * 3)
  const models = await openModels([folder.write('km_nan.npy', bytes)])
  await expect(models.open('codebook')).rejects.toThrow(
    /km_nan\.npy: tensor array: not finite \(found NaN at \[61, 0\]\)/,
  )
  await models.close()
})

describe('features of K-Means', () => {
  let path: string
  beforeAll(() => {
    const data = Float32Array.from({ length: 200 * 4 }, (_, i) => (i === 29 ? NaN : i % 7))
    path = folder.write('features.npy', encodeNpy({ data, shape: [200, 4] }))
  })

  it('are refused with the place of the value', async () => {
    const points = await openFeatures([path])
    await expect(points.gather([7])).rejects.toThrow('features.npy: not finite (found NaN at [7, 1])')
    expect((await points.gather([8])).length).toBe(4)
    await points.close()
  })

  it('make no codebook', async () => {
    const out = join(folder.path, 'kmeans')
    const callbacks = { progress() {}, signal: new AbortController().signal }
    const spec: KMeansSpec = {
      kind: 'kmeans',
      model: OFFICIAL,
      out,
      device: 'cpu',
      images: [path],
      k: 4,
      iterations: 2,
      restarts: 1,
      maxPointsPerCentroid: 256,
      patches: 1,
      pictures: 1,
      augment: false,
      batchSize: 8,
      seed: 1,
    }
    await expect(runKMeans(spec, callbacks)).rejects.toThrow('features.npy: not finite')
    expect(existsSync(join(out, 'km_4.npy'))).toBe(false)
  })
})
