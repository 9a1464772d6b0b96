import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCheckpoint, type TensorView, type Weights } from '../../../src/engine/checkpoint/index.ts'
import { graphToText } from '../../../src/engine/graph/index.ts'
import { decodeImage } from '../../../src/engine/images/index.ts'
import { modelTensors, type ModelTensors } from '../../../src/engine/models/tensors.ts'
import {
  inferVqganConfig,
  vqganConfigFromYaml,
  type VqganConfig,
} from '../../../src/engine/models/vqgan-config.ts'
import { vqganDecoder, vqganEncoder } from '../../../src/engine/models/vqgan.ts'
import { tensor, type Tensor } from '../../../src/engine/session/index.ts'
import { FormatError, ModelError } from '../../../src/shared/errors.ts'
import { DEMO, maxDifference, OFFICIAL, reference, runGraph, toPixels, values } from './run-graph.ts'

const SIDE = 256
const IMAGE = 3 * SIDE * SIDE
const officialYaml = readFileSync(join(OFFICIAL, 'config/vqgan/vqgan.yaml'), 'utf8')
const demoYaml = readFileSync(join(DEMO, 'config/vqgan/vqgan.yaml'), 'utf8')

let official: Weights
let demo: Weights
let tensors: ModelTensors
let pixels: Float32Array
let expectedCodes: Float64Array
let decoded: Record<string, Tensor>
const config = vqganConfigFromYaml(officialYaml, 'vqgan.yaml')
const batch = (from: number, to: number) =>
  tensor('f32', pixels.slice(from * IMAGE, to * IMAGE), [to - from, 3, SIDE, SIDE])
const codesOf = (all: ArrayLike<number>) => tensor('i64', Array.from(all), [all.length / 256, 256])

beforeAll(async () => {
  official = await openCheckpoint(join(OFFICIAL, 'models/vqgan_jax_strongaug.ckpt'))
  demo = await openCheckpoint(join(DEMO, 'models/vqgan_demo.ckpt'))
  tensors = modelTensors(official, ['state_dict.', ''])
  pixels = toPixels(await reference('image_u8'), SIDE)
  expectedCodes = await reference('vq_tokens')
  decoded = await runGraph(vqganDecoder(tensors, config), { codes: codesOf(expectedCodes) })
})
afterAll(() => Promise.all([official.close(), demo.close()]))

describe('the official VQGAN', () => {
  test('decodes to the original pixels', async () => {
    expect(maxDifference(values(decoded.pixels), await reference('vq_pixels'))).toBeLessThan(1e-3)
  })

  test('clips and truncates those pixels to rgb', () => {
    const raw = values(decoded.pixels)
    const expected = values(decoded.rgb).map((_, i) => {
      const [image, inside] = [Math.floor(i / IMAGE), i % IMAGE]
      const value = raw[image * IMAGE + (inside % 3) * SIDE * SIDE + Math.floor(inside / 3)]!
      return Math.trunc(Math.min(255, Math.max(0, Math.fround(value * 255))))
    })
    expect(decoded.rgb!.dims).toEqual([2, SIDE, SIDE, 3])
    expect(maxDifference(values(decoded.rgb), expected)).toBe(0)
  })

  test('encodes to the original codes where the margin is above 1e-3, identically alone and in a batch', async () => {
    const margin = await reference('vq_margin')
    const graph = vqganEncoder(tensors, config)
    const three = await runGraph(graph, { pixels: batch(0, 3) })
    const codes = values(three.codes)
    expect(codes.slice(0, 512).filter((code, i) => code !== expectedCodes[i] && margin[i]! > 1e-3)).toEqual(
      [],
    )
    const alone = await runGraph(graph, { pixels: batch(1, 2) })
    expect(values(alone.codes)).toEqual(codes.slice(256, 512))
    expect(values(alone.distance)).toEqual(values(three.distance).slice(256, 512))
  })

  test('decodes identically alone and in a batch', async () => {
    const graph = vqganDecoder(tensors, config)
    const alone = values((await runGraph(graph, { codes: codesOf(expectedCodes.slice(256)) })).pixels)
    const three = await runGraph(graph, {
      codes: codesOf([...expectedCodes, ...expectedCodes.slice(0, 256)]),
    })
    const pair = values(decoded.pixels)
    expect(maxDifference(pair.slice(IMAGE), alone)).toBe(0)
    expect(maxDifference(values(three.pixels), [...pair, ...pair.slice(0, IMAGE)])).toBe(0)
  })
})

test('the VQGAN of the demo reconstructs a picture: its own GroupNorm, fp16', async () => {
  const demoTensors = modelTensors(demo, ['state_dict.', ''])
  const demoConfig = vqganConfigFromYaml(demoYaml, 'vqgan.yaml')
  const folder = join(DEMO, 'images', readdirSync(join(DEMO, 'images')).sort()[0]!)
  const { rgb, width } = await decodeImage(join(folder, readdirSync(folder).sort()[0]!))
  const input = tensor('f32', toPixels(rgb, width), [1, 3, width, width])
  const { codes, distance } = await runGraph(vqganEncoder(demoTensors, demoConfig), { pixels: input })
  expect(values(distance).every((value) => value >= 0)).toBe(true)
  const again = await runGraph(vqganDecoder(demoTensors, demoConfig), { codes: codes! })
  const squares = values(again.rgb).reduce((sum, level, i) => sum + (level - rgb[i]!) ** 2, 0)
  const psnr = 10 * Math.log10(255 ** 2 / (squares / rgb.length))
  expect(psnr).toBeGreaterThan(15)
})

describe('configuration', () => {
  test('is read from the yaml', () => {
    expect(vqganConfigFromYaml(officialYaml, 'vqgan.yaml')).toEqual({
      kind: 'mage',
      resolution: 256,
      ch: 32,
      chMult: [1, 1, 1, 1, 2],
      numResBlocks: 1,
      zChannels: 32,
      codeWidth: 32,
      codes: 48,
      groups: 32,
      groupsGuessed: false,
      grid: { side: 16, cells: 256 },
    } satisfies VqganConfig)
    const grouped = officialYaml.replace('      ch: 32', '      ch: 32\n      norm_num_groups: 8')
    expect(vqganConfigFromYaml(grouped, 'vqgan.yaml').groups).toBe(8)
  })

  test('is inferred from shapes, except the groups', () => {
    expect(inferVqganConfig(tensors)).toEqual({ ...config, groupsGuessed: true })
    const guess = inferVqganConfig(modelTensors(demo, ['state_dict.', '']))
    const told = vqganConfigFromYaml(demoYaml, 'vqgan.yaml')
    expect({ ...guess, groups: told.groups, groupsGuessed: false }).toEqual(told)
  })

  const edited = (from: string, to: string) => () =>
    vqganConfigFromYaml(officialYaml.replace(from, to), 'vqgan.yaml')
  test.each([
    [
      'resolution: 256',
      'resolution: 128',
      'resolution 128 with 5 levels is not supported (a 16 x 16 grid needs 256)',
    ],
    ['embed_dim: 32', 'embed_dim: 16', 'embed_dim is 16, only 32 is supported'],
    ['double_z: false', 'double_z: true', 'double_z is true, only false is supported'],
    ['ch: 32', 'ch: -1', 'ch is -1, expected a positive whole number'],
    ['ch: 32', 'ch: 48', '48 channels are not divisible by 32 GroupNorm groups'],
    ['ch: 32', 'ch: 65536', 'network too large (found groups of 134217728 values, maximum 67108864)'],
    ['[1, 1, 1, 1, 2]', '2', 'ddconfig.ch_mult is 2, expected at most 8 numbers'],
    ['ddconfig', 'lossconfig', "section 'ddconfig' is missing"],
  ])('%s -> %s', (from, to, message) => {
    expect(edited(from, to)).toThrow(new ModelError(`vqgan.yaml: ${message}`))
  })

  test.each([
    ['not yaml', 'model: [1, 2'],
    ['an alias', 'a: &a [1]\nmodel: *a'],
    ['a key twice', 'model: 1\nmodel: 2'],
    ['too long', `# ${'x'.repeat(2 ** 16)}`],
    ['too deep', '['.repeat(60_000)],
  ])('%s', (_, text) => {
    expect(() => vqganConfigFromYaml(text, 'vqgan.yaml')).toThrow(FormatError)
  })
})

describe('checkpoints that do not fit', () => {
  const changed = (change: (tensors: Map<string, TensorView>) => void) => {
    const views = new Map(tensors.names.map((name) => [name, tensors.get(name)]))
    change(views)
    return modelTensors({ path: 'vqgan.ckpt', tensors: views })
  }

  test('a tensor is missing', () => {
    const name = 'decoder.mid.block_1.norm1.bias'
    expect(() =>
      vqganDecoder(
        changed((views) => views.delete(name)),
        config,
      ),
    ).toThrow(new ModelError(`vqgan.ckpt: tensor ${name} of shape [64] is missing`))
  })

  test('sizes differ', () => {
    expect(() => vqganEncoder(tensors, { ...config, ch: 64 })).toThrow(
      /state_dict.encoder.conv_in.weight has shape \[32, 3, 3, 3\], expected \[64, 3, 3, 3\]$/,
    )
    expect(() => vqganDecoder(tensors, { ...config, codes: 1024 })).toThrow(
      /quantize.embedding.weight has shape \[48, 32\], expected \[1024, 32\]$/,
    )
  })

  test('attention blocks are not supported', () => {
    const name = 'decoder.mid.attn_1.norm.weight'
    const attending = changed((views) => views.set(name, tensors.get('decoder.norm_out.weight')))
    expect(() => vqganDecoder(attending, config)).toThrow(
      new ModelError(`vqgan.ckpt: ${name} belongs to an attention block that this VQGAN does not have`),
    )
  })

  test('all tensors are missing', () => {
    const empty = modelTensors({ path: 'vqgan.ckpt', tensors: new Map() })
    expect(() => inferVqganConfig(empty)).toThrow(ModelError)
  })
})

test('the smallest decoder has this text', () => {
  const shapes: Record<string, number[]> = {
    'quantize.embedding.weight': [4, 2],
    'decoder.conv_in.weight': [2, 2, 3, 3],
    'decoder.conv_in.bias': [2],
    'decoder.norm_out.weight': [2],
    'decoder.norm_out.bias': [2],
    'decoder.conv_out.weight': [3, 2, 3, 3],
    'decoder.conv_out.bias': [3],
  }
  for (const block of ['mid.block_1', 'mid.block_2'])
    for (const i of [1, 2]) {
      shapes[`decoder.${block}.norm${i}.weight`] = shapes[`decoder.${block}.norm${i}.bias`] = [2]
      shapes[`decoder.${block}.conv${i}.weight`] = [2, 2, 3, 3]
    }
  const views = Object.entries(shapes).map(([name, shape]): [string, TensorView] => [
    name,
    { ...tensors.get('decoder.norm_out.weight'), name, shape },
  ])
  const tiny = { resolution: 16, ch: 2, chMult: [1], numResBlocks: 0, codes: 4, groups: 1 }
  const graph = vqganDecoder(modelTensors({ path: 'tiny.ckpt', tensors: new Map(views) }), {
    kind: 'mage',
    ...tiny,
    zChannels: 2,
    codeWidth: 2,
    groupsGuessed: false,
    grid: { side: 16, cells: 256 },
  })
  const nodes = graphToText(graph)
    .split('\n')
    .filter((line) => !/ inline$| in file$/.test(line))
  expect(nodes.join('\n')).toMatchInlineSnapshot(`
    "graph vqgan_decoder(codes: i64[B, 256])
      v0: f32[B, 256, 2] = Gather(quantize.embedding.weight, codes) {axis=0}
      v1: f32[B, 2, 256] = Transpose(v0) {perm=0,2,1}
      v3: f32[B, 2, 16, 16] = Reshape(v1, const_2)
      v4: f32[B, 2, 16, 16] = Conv(v3, decoder.conv_in.weight, decoder.conv_in.bias) {kernel_shape=3,3, pads=1,1,1,1}
      v7: f32[B, 1, 512] = Reshape(v4, const_6)
      v8: f32[B, 1, 512] = LayerNormalization(v7, const_5) {axis=-1, epsilon=0.000001}
      v10: f32[B, 2, 16, 16] = Reshape(v8, const_9)
      v12: f32[2, 1, 1] = Reshape(decoder.mid.block_1.norm1.weight, const_11)
      v13: f32[B, 2, 16, 16] = Mul(v10, v12)
      v15: f32[2, 1, 1] = Reshape(decoder.mid.block_1.norm1.bias, const_14)
      v16: f32[B, 2, 16, 16] = Add(v13, v15)
      v17: f32[B, 2, 16, 16] = Sigmoid(v16)
      v18: f32[B, 2, 16, 16] = Mul(v16, v17)
      v19: f32[B, 2, 16, 16] = Conv(v18, decoder.mid.block_1.conv1.weight) {kernel_shape=3,3, pads=1,1,1,1}
      v21: f32[B, 1, 512] = Reshape(v19, const_20)
      v22: f32[B, 1, 512] = LayerNormalization(v21, const_5) {axis=-1, epsilon=0.000001}
      v24: f32[B, 2, 16, 16] = Reshape(v22, const_23)
      v26: f32[2, 1, 1] = Reshape(decoder.mid.block_1.norm2.weight, const_25)
      v27: f32[B, 2, 16, 16] = Mul(v24, v26)
      v29: f32[2, 1, 1] = Reshape(decoder.mid.block_1.norm2.bias, const_28)
      v30: f32[B, 2, 16, 16] = Add(v27, v29)
      v31: f32[B, 2, 16, 16] = Sigmoid(v30)
      v32: f32[B, 2, 16, 16] = Mul(v30, v31)
      v33: f32[B, 2, 16, 16] = Conv(v32, decoder.mid.block_1.conv2.weight) {kernel_shape=3,3, pads=1,1,1,1}
      v34: f32[B, 2, 16, 16] = Add(v4, v33)
      v36: f32[B, 1, 512] = Reshape(v34, const_35)
      v37: f32[B, 1, 512] = LayerNormalization(v36, const_5) {axis=-1, epsilon=0.000001}
      v39: f32[B, 2, 16, 16] = Reshape(v37, const_38)
      v41: f32[2, 1, 1] = Reshape(decoder.mid.block_2.norm1.weight, const_40)
      v42: f32[B, 2, 16, 16] = Mul(v39, v41)
      v44: f32[2, 1, 1] = Reshape(decoder.mid.block_2.norm1.bias, const_43)
      v45: f32[B, 2, 16, 16] = Add(v42, v44)
      v46: f32[B, 2, 16, 16] = Sigmoid(v45)
      v47: f32[B, 2, 16, 16] = Mul(v45, v46)
      v48: f32[B, 2, 16, 16] = Conv(v47, decoder.mid.block_2.conv1.weight) {kernel_shape=3,3, pads=1,1,1,1}
      v50: f32[B, 1, 512] = Reshape(v48, const_49)
      v51: f32[B, 1, 512] = LayerNormalization(v50, const_5) {axis=-1, epsilon=0.000001}
      v53: f32[B, 2, 16, 16] = Reshape(v51, const_52)
      v55: f32[2, 1, 1] = Reshape(decoder.mid.block_2.norm2.weight, const_54)
      v56: f32[B, 2, 16, 16] = Mul(v53, v55)
      v58: f32[2, 1, 1] = Reshape(decoder.mid.block_2.norm2.bias, const_57)
      v59: f32[B, 2, 16, 16] = Add(v56, v58)
      v60: f32[B, 2, 16, 16] = Sigmoid(v59)
      v61: f32[B, 2, 16, 16] = Mul(v59, v60)
      v62: f32[B, 2, 16, 16] = Conv(v61, decoder.mid.block_2.conv2.weight) {kernel_shape=3,3, pads=1,1,1,1}
      v63: f32[B, 2, 16, 16] = Add(v34, v62)
      v65: f32[B, 1, 512] = Reshape(v63, const_64)
      v66: f32[B, 1, 512] = LayerNormalization(v65, const_5) {axis=-1, epsilon=0.000001}
      v68: f32[B, 2, 16, 16] = Reshape(v66, const_67)
      v70: f32[2, 1, 1] = Reshape(decoder.norm_out.weight, const_69)
      v71: f32[B, 2, 16, 16] = Mul(v68, v70)
      v73: f32[2, 1, 1] = Reshape(decoder.norm_out.bias, const_72)
      v74: f32[B, 2, 16, 16] = Add(v71, v73)
      v75: f32[B, 2, 16, 16] = Sigmoid(v74)
      v76: f32[B, 2, 16, 16] = Mul(v74, v75)
      pixels: f32[B, 3, 16, 16] = Conv(v76, decoder.conv_out.weight, decoder.conv_out.bias) {kernel_shape=3,3, pads=1,1,1,1}
      v79: f32[B, 3, 16, 16] = Mul(pixels, const_78)
      v82: f32[B, 3, 16, 16] = Clip(v79, const_80, const_81)
      v83: u8[B, 3, 16, 16] = Cast(v82) {to=2}
      rgb: u8[B, 16, 16, 3] = Transpose(v83) {perm=0,2,3,1}
      row_sums: f32[B, 3, 16] = ReduceSum(pixels, const_85) {keepdims=0}
      return pixels, rgb, row_sums"
  `)
})
