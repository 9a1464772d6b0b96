// The picture networks through WebGPU against the processor, which pictures.test.ts checks against the original code.
// At 32 px instead of 256: the GPU here is software and takes long for the same kernels.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Graph } from '../../../src/engine/graph/index.ts'
import { dinov2Tokenizer } from '../../../src/engine/models/dinov2.ts'
import { vqganDecoder, vqganEncoder } from '../../../src/engine/models/vqgan.ts'
import { openModels, type OpenModels, type OpenVqgan } from '../../../src/engine/model-set/open-models.ts'
import { vqganConfig } from '../../../src/engine/tokenizer/tokenizer.ts'
import { tensor, type Tensor } from '../../../src/engine/session/index.ts'
import { gridOfSide } from '../../../src/shared/grid/shape.ts'
import { openDeviceDecoder } from '../../../src/engine/decoding/device-decoder.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { changed, fairseqOf, tensorsOf, torchFile, type MadeTensor } from '../../torch-file.ts'
import { maxDifference, OFFICIAL, reference, runGraph, toPixels, values } from './run-graph.ts'

const [WHOLE, SIDE] = [256, 32]
const GRID = gridOfSide(2)

let models: OpenModels
beforeAll(async () => void (models = await openModels([OFFICIAL])))
afterAll(() => models.close())

/** The middle of picture 0 of the fixtures. */
async function picture(): Promise<Tensor> {
  const rgb = await reference('image_u8')
  const from = (WHOLE - SIDE) / 2
  const rows = Array.from({ length: SIDE }, (_, y) => {
    const start = ((from + y) * WHOLE + from) * 3
    return Array.from(rgb.slice(start, start + SIDE * 3))
  })
  return tensor('f32', toPixels(rows.flat(), SIDE), [1, 3, SIDE, SIDE])
}
const small = (vqgan: OpenVqgan) => ({ ...vqganConfig(vqgan), resolution: SIDE, grid: GRID })

/** The outputs of both: [processor, GPU] by name. */
async function both(graph: Graph, feeds: Record<string, Tensor>): Promise<(name: string) => number[][]> {
  const outputs = [await runGraph(graph, feeds), await runGraph(graph, feeds, 'webgpu')]
  return (name) => outputs.map((output) => values(output[name]))
}

test('the VQGAN decoder gives the same pixels on the processor and through WebGPU', async () => {
  const vqgan = await models.open('vqgan')
  const codes = Array.from((await reference('vq_tokens')).slice(0, GRID.cells))
  const of = await both(vqganDecoder(vqgan.tensors, small(vqgan)), {
    codes: tensor('i64', codes, [1, GRID.cells]),
  })
  const [cpu, gpu] = of('pixels')
  expect(cpu).toHaveLength(3 * SIDE * SIDE)
  expect(maxDifference(gpu!, cpu!)).toBeLessThan(1e-3)
})

test('the VQGAN encoder gives the same codes on the processor and through WebGPU', async () => {
  const vqgan = await models.open('vqgan')
  const of = await both(vqganEncoder(vqgan.tensors, small(vqgan)), { pixels: await picture() })
  const [cpu, gpu] = of('codes')
  expect(new Set(cpu).size).toBeGreaterThan(1)
  expect(gpu).toEqual(cpu)
  const [near, nearGpu] = of('distance')
  expect(maxDifference(nearGpu!, near!)).toBeLessThan(1e-3)
})

test('DINOv2 and K-Means give the same features and tokens on the processor and through WebGPU', async () => {
  const [encoder, { centroids, transposed }] = [await models.open('encoder'), await models.open('codebook')]
  const graph = dinov2Tokenizer(encoder.tensors, { tensor: centroids, transposed }, { size: SIDE })
  const of = await both(graph, { pixels: await picture() })
  const [cpu, gpu] = of('features')
  expect(maxDifference(gpu!, cpu!)).toBeLessThan(2e-4)
  const [tokens, tokensGpu] = of('tokens')
  expect(new Set(tokens).size).toBeGreaterThan(1)
  expect(tokensGpu).toEqual(tokens)
})

describe('NaN in the weights is not lost through WebGPU', () => {
  const folder = temporaryFolder()
  const withNaN = (tensors: Record<string, MadeTensor>, name: string) => ({
    ...tensors,
    [name]: changed(tensors[name]!, (value, i) => (i === 7 ? NaN : value)),
  })
  const openWith = (name: string, tree: Parameters<typeof torchFile>[0]) =>
    openModels([folder.write(name, torchFile(tree)), join(OFFICIAL, 'data'), join(OFFICIAL, 'config')])

  test('in the VQGAN: the sum of a row of pixels', async () => {
    const tensors = await tensorsOf(join(OFFICIAL, 'models/vqgan_jax_strongaug.ckpt'))
    const name = Object.keys(tensors).find((key) => key.endsWith('decoder.conv_in.weight'))!
    const bad = await openWith('vqgan.ckpt', withNaN(tensors, name))
    const vqgan = await bad.open('vqgan')
    const codes = tensor('i64', new Array<number>(GRID.cells).fill(3), [1, GRID.cells])
    const outputs = await runGraph(vqganDecoder(vqgan.tensors, small(vqgan)), { codes }, 'webgpu')
    expect(values(outputs.row_sums).every(Number.isFinite)).toBe(false)
    await bad.close()
  })

  test('in stage 1: the entropy of a draw', async () => {
    const path = join(OFFICIAL, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt')
    const { config, model } = await fairseqOf(path)
    const tree = { cfg: { model: config }, model: withNaN(model, 'decoder.layers.0.fc1.weight') }
    const bad = await openWith('stage1.pt', tree)
    const decoder = await openDeviceDecoder(await bad.open('stage1'), { provider: 'webgpu' })
    const sequence = { prefix: [2], seed: 1, image: 5, use: 'stage1' } as const
    const sampling = { temperature: 1, topK: 0, topP: 0.8 }
    await expect(decoder.decode([sequence], { sampling, length: 1 })).rejects.toThrow(
      'stage1, image 5, token 0: the logits are not finite',
    )
    await decoder.close()
    await bad.close()
  })
})
