import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCheckpoint, type TensorView, type Weights } from '../../../src/engine/checkpoint/index.ts'
import { GraphBuilder, graphToText } from '../../../src/engine/graph/index.ts'
import { decodeImage } from '../../../src/engine/images/index.ts'
import {
  dinov2Config,
  dinov2Features,
  dinov2Tokenizer,
  encoderImage,
} from '../../../src/engine/models/dinov2.ts'
import { modelTensors } from '../../../src/engine/models/tensors.ts'
import { tensor, type Tensor } from '../../../src/engine/session/index.ts'
import { ModelError } from '../../../src/shared/errors.ts'
import { DEMO, maxDifference, OFFICIAL, reference, runGraph, toPixels, values } from './run-graph.ts'

const SIDE = 256
const IMAGE = 3 * SIDE * SIDE

let encoder: Weights
let codebook: Weights
let inClass: Weights
let pixels: Float32Array
let outputs: Record<string, Tensor>
const opened: Weights[] = []
const open = async (folder: string, path: string) => {
  const weights = await openCheckpoint(join(folder, path))
  opened.push(weights)
  return weights
}
const centroids = (weights: Weights) => ({ tensor: [...weights.tensors.values()][0]!, transposed: false })
const batch = (from: number, to: number) =>
  tensor('f32', pixels.slice(from * IMAGE, to * IMAGE), [to - from, 3, SIDE, SIDE])

beforeAll(async () => {
  encoder = await open(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth')
  codebook = await open(OFFICIAL, 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy')
  inClass = await open(OFFICIAL, 'outputs/tiny_stage1_cls/checkpoints/checkpoint_last.pt')
  pixels = toPixels(await reference('image_u8'), SIDE)
  const graph = dinov2Tokenizer(modelTensors(encoder), centroids(codebook), { size: SIDE })
  outputs = await runGraph(graph, { pixels: batch(0, 4) })
})
afterAll(() => Promise.all(opened.map((weights) => weights.close())))

describe('the official encoder', () => {
  test('has sizes that are read from shapes', () => {
    expect(dinov2Config(modelTensors(encoder))).toEqual({
      width: 64,
      depth: 4,
      heads: 1,
      registers: 4,
      patch: 14,
      positions: 37,
      grid: { side: 16, cells: 256 },
    })
  })

  test('normalizes and resizes an image from 256 to 224 pixels as torch does', async () => {
    const g = new GraphBuilder('image')
    g.output('image', encoderImage(g, g.input('pixels', 'f32', ['B', 3, SIDE, SIDE]), 16 * 14))
    const { image } = await runGraph(g.build(), { pixels: batch(0, 1) })
    // Both compute source positions in float32, so a kernel's weights differ by some 1e-5 on steep edges (2e-5 seen).
    expect(maxDifference(values(image), await reference('x224'))).toBeLessThan(5e-5)
  })

  test('gives the original features', async () => {
    const expected = await reference('features')
    const found = values(outputs.features).slice(0, expected.length)
    expect(maxDifference(found, expected)).toBeLessThan(2e-4)
  })

  test('gives the original tokens where the margin is above 1e-3, and the margins', async () => {
    const [expected, margin] = [await reference('sem_tokens'), await reference('sem_margin')]
    const differing = values(outputs.tokens).filter((token, i) => token !== expected[i] && margin[i]! > 1e-3)
    expect(differing).toEqual([])
    // Margins are differences of squared distances near 100.
    expect(maxDifference(values(outputs.margin), margin)).toBeLessThan(1e-3)
  })

  test('gives the distances of features to their centroids', async () => {
    const table = (await centroids(codebook).tensor.read()) as Float32Array
    const [features, tokens] = [values(outputs.features), values(outputs.tokens)]
    const expected = tokens.map((token, n) => {
      let sum = 0
      for (let d = 0; d < 64; d++) sum += (features[n * 64 + d]! - table[token * 64 + d]!) ** 2
      return sum
    })
    expect(maxDifference(values(outputs.distance), expected)).toBeLessThan(1e-3)
  })

  test('gives identical results alone and in a batch', async () => {
    const graph = dinov2Tokenizer(modelTensors(encoder), centroids(codebook), { size: SIDE })
    const alone = await runGraph(graph, { pixels: batch(2, 3) })
    const three = await runGraph(graph, { pixels: batch(0, 3) })
    for (const name of ['features', 'tokens', 'distance', 'margin'] as const) {
      const single = values(alone[name])
      expect(values(three[name]).slice(2 * single.length)).toEqual(single)
      expect(values(outputs[name]).slice(2 * single.length, 3 * single.length)).toEqual(single)
    }
  })

  test('gives the same tokens with centroids from a fairseq checkpoint, [D, K]', async () => {
    const tensors = modelTensors(inClass, 'model.')
    const graph = dinov2Tokenizer(
      modelTensors(inClass, 'model.pretrained_encoder.'),
      { tensor: tensors.get('centroids'), transposed: true },
      { size: SIDE },
    )
    const { tokens } = await runGraph(graph, { pixels: batch(0, 1) })
    const [expected, margin] = [await reference('sem_tokens'), await reference('sem_margin')]
    // fp16 weights: only clear cases must agree.
    const differing = values(tokens).filter((token, i) => token !== expected[i] && margin[i]! > 0.5)
    expect(differing).toEqual([])
  })

  test('gives other layers, counted from the end', async () => {
    const features = async (layer: number) =>
      values(
        (
          await runGraph(dinov2Features(modelTensors(encoder), { size: SIDE, layer }), {
            pixels: batch(0, 1),
          })
        ).features,
      )
    expect(await features(3)).toEqual(values(outputs.features).slice(0, 256 * 64))
    expect(maxDifference(await features(1), await features(3))).toBeGreaterThan(0.01)
    expect(() => dinov2Features(modelTensors(encoder), { layer: 5 })).toThrow(ModelError)
  })
})

test('the encoder of the demo runs: the size of its pictures without resizing, fp16 weights', async () => {
  const encoderFile = readdirSync(join(DEMO, 'models')).find((name) => name.startsWith('dinov2'))!
  const demo = modelTensors(await open(DEMO, join('models', encoderFile)))
  const file = readdirSync(join(DEMO, 'data'), { recursive: true }).find((name) =>
    String(name).endsWith('.npy'),
  )
  const table = centroids(await open(DEMO, join('data', String(file))))
  const folder = join(DEMO, 'images', readdirSync(join(DEMO, 'images')).sort()[0]!)
  const image = await decodeImage(join(folder, readdirSync(folder).sort()[0]!))
  const input = tensor('f32', toPixels(image.rgb, image.width), [1, 3, image.height, image.width])
  const { features, tokens, distance, margin } = await runGraph(dinov2Tokenizer(demo, table), {
    pixels: input,
  })
  expect([features!.dims, tokens!.dims]).toEqual([
    [1, 256, dinov2Config(demo).width],
    [1, 256],
  ])
  expect(values(tokens).every((token) => token >= 0 && token < table.tensor.shape[0]!)).toBe(true)
  expect(new Set(values(tokens)).size).toBeGreaterThan(8)
  expect([...values(distance), ...values(margin)].every((value) => value >= 0)).toBe(true)
})

describe('checkpoints that do not fit', () => {
  const without = (name: string) => new Map([...encoder.tensors].filter(([key]) => key !== name))
  const reshaped = (name: string, shape: number[]) =>
    new Map(encoder.tensors).set(name, { ...encoder.tensors.get(name)!, shape } as TensorView)
  const build = (tensors: ReadonlyMap<string, TensorView>) =>
    dinov2Features(modelTensors({ path: 'encoder.pth', tensors }), { size: SIDE })

  test.each([
    ['norm.weight', 'encoder.pth: tensor norm.weight of shape [64] is missing'],
    ['blocks.1.mlp.fc1.bias', 'encoder.pth: tensor blocks.1.mlp.fc1.bias of shape [256] is missing'],
  ])('are refused without %s', (name, message) => {
    expect(() => build(without(name))).toThrow(new ModelError(message))
  })

  test('are refused with wrong shapes', () => {
    expect(() => build(reshaped('cls_token', [1, 64]))).toThrow(
      new ModelError('encoder.pth: cls_token has shape [1, 64], expected [1, 1, 64]'),
    )
    expect(() => build(reshaped('pos_embed', [1, 1000, 64]))).toThrow(
      new ModelError(
        'encoder.pth: pos_embed has 1000 rows (expected a square number plus one for cls_token)',
      ),
    )
    const narrow = { ...centroids(codebook).tensor, shape: [128, 32], path: 'km.npy' } as TensorView
    expect(() => dinov2Tokenizer(modelTensors(encoder), { tensor: narrow, transposed: false })).toThrow(
      /^km.npy: centroids \[128, 32\] do not match the encoder .* \(width 64\)/,
    )
  })
})

test('the image graph has this text', () => {
  const g = new GraphBuilder('image')
  g.output('image', encoderImage(g, g.input('pixels', 'f32', ['B', 3, SIDE, SIDE]), 16 * 14))
  expect(graphToText(g.build())).toMatchInlineSnapshot(`
    "graph image(pixels: f32[B, 3, 256, 256])
      const_0: f32[3, 1, 1] = 12 bytes inline
      const_2: f32[3, 1, 1] = 12 bytes inline
      const_4: f32[4] = 16 bytes inline
      v1: f32[B, 3, 256, 256] = Sub(pixels, const_0)
      v3: f32[B, 3, 256, 256] = Div(v1, const_2)
      image: f32[B, 3, 224, 224] = Resize(v3, _, const_4) {mode=cubic, coordinate_transformation_mode=half_pixel, cubic_coeff_a=-0.75}
      return image"
  `)
})
