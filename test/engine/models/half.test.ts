// Half precision: what each network computes in it, beside the numbers of the original code.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openChunkDecoder } from '../../../src/engine/decoding/autoregressive.ts'
import { openDeviceDecoder } from '../../../src/engine/decoding/device-decoder.ts'
import { weighted } from '../../../src/engine/decoding/open-decoder.ts'
import { openRereadDecoder } from '../../../src/engine/decoding/reread-decoder.ts'
import { chooseBits, halfAgrees } from '../../../src/engine/devices/precision.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { dinov2Tokenizer } from '../../../src/engine/models/dinov2.ts'
import { sequenceGraph } from '../../../src/engine/models/transformer-graphs.ts'
import { vqganDecoder } from '../../../src/engine/models/vqgan.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import { vqganConfig } from '../../../src/engine/tokenizer/tokenizer.ts'
import { maxDifference, OFFICIAL, reference, runGraph, toPixels, values } from './run-graph.ts'

let models: OpenModels
beforeAll(async () => void (models = await openModels([OFFICIAL])))
afterAll(() => models.close())

const POSITIONS = 256

/** Logits [256, V] of stage 1 for image 0 of the fixtures. */
async function stage1Logits(weightBits: 16 | 8, provider: 'cpu' | 'cuda'): Promise<number[]> {
  const model = await models.open('stage1')
  const tokens = Array.from(await reference('sem_tokens')).slice(0, POSITIONS - 1)
  const ids = tensor('i64', [2, ...tokens.map((token) => token + 5)], [1, POSITIONS])
  // The arithmetic of the provider, on the processor: onnxruntime casts where it has no kernel of float16.
  const network = await weighted(model, weightBits, provider)
  return values((await runGraph(sequenceGraph(network), { ids })).logits)
}

describe('stage 1 matches the logits of the original', () => {
  test.each([
    ['fp16 as on a GPU', 16, 'cuda', 0.02],
    ['fp16 as on the processor', 16, 'cpu', 0.02],
    ['int8', 8, 'cpu', 0.15],
  ] as const)('%s', async (_, weightBits, provider, tolerance) => {
    const found = await stage1Logits(weightBits, provider)
    const expected = (await reference('stage1_logits')).slice(0, found.length)
    const difference = maxDifference(found, expected)
    expect(difference).toBeLessThan(tolerance)
    expect(difference).toBeGreaterThan(1e-4)
    // The most likely token is the same wherever it leads by more than both could move.
    const V = found.length / POSITIONS
    let clear = 0
    for (let at = 0; at < POSITIONS; at++) {
      const row = Array.from(expected.slice(at * V, (at + 1) * V))
      const [best, second] = [...row].sort((a, b) => b - a) as [number, number]
      if (best - second <= 2 * difference) continue
      clear++
      const here = found.slice(at * V, (at + 1) * V)
      expect(here.indexOf(Math.max(...here))).toBe(row.indexOf(best))
    }
    expect(clear).toBeGreaterThan(POSITIONS / 2)
  })
})

test('all decoders draw in half precision what they draw in float32', async () => {
  const model = await models.open('stage1')
  const decode = async (open: typeof openRereadDecoder, arithmetic: 'f32' | 'f16') => {
    const decoder = await open({ ...model, arithmetic }, { provider: 'cpu' })
    const sequence = { prefix: [2], seed: 1, image: 0, use: 'stage1' } as const
    const sampling = { temperature: 1, topK: 1, topP: 0 }
    const [grid] = await decoder.decode([sequence], { sampling, length: 20 })
    await decoder.close()
    return grid!
  }
  const expected = await decode(openChunkDecoder, 'f32')
  for (const open of [openChunkDecoder, openRereadDecoder, openDeviceDecoder]) {
    const found = await decode(open, 'f16')
    expect(found.tokens, open.name).toEqual(expected.tokens)
    expect(maxDifference(found.entropies, expected.entropies), open.name).toBeLessThan(0.02)
  }
})

test('VQGAN and DINOv2 in half precision give the pixels and features of float32', async () => {
  const [vqgan, encoder, codebook] = [
    await models.open('vqgan'),
    await models.open('encoder'),
    await models.open('codebook'),
  ]
  const codes = tensor('i64', Array.from(await reference('vq_tokens')).slice(0, 256), [1, 256])
  const pixels = tensor(
    'f32',
    toPixels((await reference('image_u8')).slice(0, 3 * 256 ** 2), 256),
    [1, 3, 256, 256],
  )
  const centroids = { tensor: codebook.centroids, transposed: codebook.transposed }
  // A corner of the picture, in the size of the encoder.
  const corner = (pixels.data as Float32Array).filter((_, i) => i % 256 < 224 && (i >> 8) % 256 < 224)
  const [full, half] = await Promise.all(
    (['f32', 'f16'] as const).map(async (arithmetic) => {
      const decoder = vqganDecoder(vqgan.tensors, vqganConfig(vqgan), arithmetic)
      const tokenizer = dinov2Tokenizer(encoder.tensors, centroids, {}, arithmetic)
      const found = await runGraph(tokenizer, { pixels: tensor('f32', corner, [1, 3, 224, 224]) })
      const numbers = (name: string) => values(found[name])
      return { picture: values((await runGraph(decoder, { codes })).pixels), numbers }
    }),
  )
  const largest = full!.picture.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  expect(maxDifference(half!.picture, full!.picture) / largest).toBeLessThan(0.01)
  expect(maxDifference(half!.numbers('features'), full!.numbers('features'))).toBeLessThan(0.01)
  const margins = full!.numbers('margin')
  const [tokens, tokensHalf] = [full!.numbers('tokens'), half!.numbers('tokens')]
  const other = tokens.flatMap((token, i) => (token === tokensHalf[i] ? [] : [margins[i]!]))
  expect(other.every((margin) => margin < 0.05)).toBe(true)
})

test('weights stored as float16 are read in place; products are float16, softmax and draws float32', async () => {
  const model = await models.open('stage1')
  const tensors = {
    ...model.tensors,
    get: (name: string) => ({ ...model.tensors.get(name), dtype: 'f16' as const }),
  }
  const graph = sequenceGraph({ ...model, tensors, arithmetic: 'f16' })
  const stored = graph.initializers.filter(({ data }) => data.kind === 'file').map(({ value }) => value)
  expect(stored.length).toBeGreaterThan(40)
  const types = (op: string) =>
    new Set(graph.nodes.filter((node) => node.op === op).flatMap(({ inputs }) => inputs.map((x) => x!.type)))
  expect(types('Gemm')).toEqual(new Set(['f16']))
  expect(types('LayerNormalization')).toEqual(new Set(['f16']))
  expect(types('Softmax')).toEqual(new Set(['f32']))
  const cast = graph.nodes.filter(({ op }) => op === 'Cast').flatMap(({ inputs }) => inputs)
  expect(stored.filter((value) => cast.includes(value))).toEqual([])
  expect(graph.outputs.map(({ type }) => type)).toEqual(['f32'])
})

test('the automatic precision is float32 on the processor', async () => {
  expect(await chooseBits('auto', 'cpu')).toBe(32)
  expect(await chooseBits(16, 'cpu')).toBe(16)
  expect(await halfAgrees('cpu')).toBe(true)
})
