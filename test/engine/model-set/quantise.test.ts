import { DIGIT_GRID } from '../../../src/shared/grid/layout.ts'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GraphBuilder, graphToOnnx } from '../../../src/engine/graph/index.ts'
import { sequenceGraph } from '../../../src/engine/models/transformer-graphs.ts'
import { EOS, SPECIALS } from '../../../src/engine/models/transformer-config.ts'
import { openChunkDecoder } from '../../../src/engine/decoding/autoregressive.ts'
import {
  openModels,
  type OpenModels,
  type OpenTransformer,
} from '../../../src/engine/model-set/open-models.ts'
import { eightBits } from '../../../src/engine/decoding/eight-bits.ts'
import { integerProduct, integerWeight, unsigned } from '../../../src/engine/models/integer-product.ts'
import { quantiseBlocks, quantisedLinear } from '../../../src/engine/model-set/quantise.ts'
import { openSession, tensor } from '../../../src/engine/session/index.ts'
import { OFFICIAL, runGraph } from '../models/run-graph.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** The integers of the processor, and the blocks of other devices, here also on the processor. */
const WAYS = [
  ['8 bits, integers', 8, 'unsigned'],
  ['8 bits, blocks', 8, 'blocks'],
  ['4 bits', 4, 'unsigned'],
] as const satisfies readonly Way[]
type Way = readonly [name: string, bits: 8 | 4, eight: 'unsigned' | 'blocks']
const BLOCK = 32
const folder = temporaryFolder()
const cache = join(folder.path, 'cache')
const before = process.env.DIGIT_CACHE

let models: OpenModels
let stage1: OpenTransformer

beforeAll(async () => {
  mkdirSync(cache)
  process.env.DIGIT_CACHE = cache
  models = await openModels([join(OFFICIAL, 'outputs/tiny_stage1')])
  stage1 = await models.open('stage1')
})
afterAll(async () => {
  await models.close()
  if (before === undefined) delete process.env.DIGIT_CACHE
  else process.env.DIGIT_CACHE = before
})

/** Numbers of very different size, positive and negative, the same in every run. */
const numbers = (count: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898) * 10 ** Math.sin(i * 0.37))

/** The values that MatMulNBits makes of blocks, by its documentation: (level - 2^(bits-1)) scale. */
function dequantise(
  { scales, integers }: ReturnType<typeof quantiseBlocks>,
  bits: 8 | 4,
  size = BLOCK,
): Float64Array {
  return Float64Array.from({ length: scales.length * size }, (_, i) => {
    const byte = integers[Math.floor((i * bits) / 8)]!
    const level = bits === 8 ? byte : i % 2 === 0 ? byte & 15 : byte >> 4
    return (level - 2 ** (bits - 1)) * scales[Math.floor(i / size)]!
  })
}

test.each([8, 4] as const)(
  'blocks of %i bits: a value is off by at most half a step, and the largest is exact',
  (bits) => {
    const values = numbers(4 * BLOCK).fill(0, BLOCK, 2 * BLOCK)
    const quantised = quantiseBlocks(values, bits, BLOCK)
    const again = dequantise(quantised, bits)
    for (const [i, value] of values.entries()) {
      const block = i - (i % BLOCK)
      const extreme = Math.max(...values.slice(block, block + BLOCK).map(Math.abs))
      const step = extreme / 2 ** (bits - 1)
      // Opposite the extreme the range is one step short: what lies beyond is cut off.
      const cutOff = Math.max(0, value / quantised.scales[block / BLOCK]! - (2 ** (bits - 1) - 1))
      const wanted = Math.abs(value) === extreme ? 0 : Math.max(0.5, cutOff || 0) * step
      expect(Math.abs(again[i]! - value)).toBeLessThanOrEqual(wanted + 1e-6 * extreme)
    }
  },
)

/** [N, K] */
function dequantiseIntegers({ scales, integers }: ReturnType<typeof integerWeight>, K: number): Float64Array {
  const N = scales.length
  return Float64Array.from({ length: N * K }, (_, i) => {
    const [n, k] = [Math.floor(i / K), i % K]
    return integers[k * N + n]! * scales[n]!
  })
}

test('integers: a value is off by at most half a step, and an output of zeros stays zero', () => {
  const [N, K] = [6, 50]
  const values = numbers(N * K).fill(0, K, 2 * K)
  const weight = integerWeight(values, N, K)
  const again = dequantiseIntegers(weight, K)
  for (const [i, value] of values.entries())
    expect(Math.abs(again[i]! - value)).toBeLessThanOrEqual(0.5001 * weight.scales[Math.floor(i / K)]!)
})

test('unsigned integers give the product of signed ones to the last bit', async () => {
  const [N, K, R] = [24, 160, 5]
  const { scales, integers } = integerWeight(numbers(N * K), N, K)
  const product = async (weight: Int8Array | Uint8Array) => {
    const g = new GraphBuilder('product')
    const type = weight instanceof Int8Array ? 'i8' : 'u8'
    const W = g.cast(g.constant('f32', Float32Array.from(weight), [K, N]), type)
    g.output('y', integerProduct(g, g.input('x', 'f32', ['R', K]), W, g.constant('f32', scales)))
    const session = await openSession(graphToOnnx(g.build()), { provider: 'cpu' })
    const { y } = await session.run({ x: tensor('f32', numbers(R * K), [R, K]) })
    await session.close()
    return y!.data
  }
  const found = await product(unsigned(integers))
  // A processor that does not multiply signed numbers exactly is given unsigned ones.
  if ((await eightBits('cpu')) === 'signed') expect(found).toEqual(await product(integers))
  const rows = numbers(R * K)
  for (let r = 0; r < R; r++) {
    const row = rows.subarray(r * K, (r + 1) * K)
    const scale = Math.fround(Math.max(...row.map(Math.abs)) * Math.fround(1 / 127))
    const rounded = Array.from(row, (value) => Math.round(value / scale))
    for (let n = 0; n < N; n++) {
      const sum = rounded.reduce((sum, value, k) => sum + value * integers[k * N + n]!, 0)
      const expected = sum * scales[n]! * scale
      expect(Math.abs(Number(found[r * N + n]) - expected)).toBeLessThan(
        1e-5 * Math.abs(expected) + 0.6 * scale * scales[n]! * 127,
      )
    }
  }
})

describe.each(WAYS)('%s', (...way) => {
  const [, bits, eight] = way
  const isBlock = bits === 4 || eight === 'blocks'

  test.each(['self_attn.q_proj', 'fc1', 'fc2'])(
    '%s gives the product of the dequantized weights',
    async (part) => {
      const weight = `decoder.layers.1.${part}.weight`
      const bias = `decoder.layers.1.${part}.bias`
      const { rows, K, found } = await matrixProduct(way, weight, bias)
      const values = (await stage1.tensors.get(weight).read()) as Float32Array
      // Weights that share a scale, and numbers of a row that do.
      const size = !isBlock ? K : bits === 8 ? BLOCK : [128, 64, 32].find((size) => K % size === 0)!
      const W = isBlock
        ? dequantise(quantiseBlocks(values, bits, size), bits, size)
        : dequantiseIntegers(integerWeight(values, values.length / K, K), K)
      const b = (await stage1.tensors.get(bias).read()) as Float32Array
      const input = numbers(rows * K)
      for (let m = 0; m < rows; m++)
        for (let n = 0; n < b.length; n++) {
          let expected = b[n]!
          // The operator rounds the input to 8 bits a block: each value is off by at most half of max / 127.
          let bound = 1e-5
          for (let k = 0; k < K; k++) {
            const start = m * K + k - (k % size)
            const max = Math.max(...input.subarray(start, start + size).map(Math.abs))
            expected += W[n * K + k]! * input[m * K + k]!
            bound += Math.abs(W[n * K + k]!) * (max / 254)
          }
          expect(Math.abs(found[m * b.length + n]! - expected)).toBeLessThan(bound)
        }
    },
  )

  test(`a row is identical in every batch${bits === 4 ? ' of even size' : ''}`, async () => {
    const batches = bits === 4 ? [4, 8, 18] : [1, 3, 8, 17]
    for (const weight of [
      'decoder.layers.0.fc1.weight',
      'decoder.layers.0.fc2.weight',
      'decoder.output_projection.weight',
    ]) {
      const { found } = await matrixProduct(way, weight, undefined, 2)
      const row = found.slice(0, found.length / 2)
      for (const rows of batches)
        expect((await matrixProduct(way, weight, undefined, rows)).found.slice(0, row.length)).toEqual(row)
    }
  })

  test('an image has the same tokens alone and in a batch', async () => {
    const linear = await quantisedLinear(stage1, bits, eight)
    const decoder = await openChunkDecoder({ ...stage1, linear }, { provider: 'cpu' })
    const options = { sampling: { temperature: 1, topK: 0, topP: 0 }, length: 40 }
    const sequence = (image: number) => ({ prefix: [EOS], seed: 5, image, use: 'stage1' as const })
    const alone = await decoder.decode([sequence(2)], options)
    for (const batch of [3, 8]) {
      const together = await decoder.decode(
        Array.from({ length: batch }, (_, i) => sequence(i)),
        options,
      )
      expect(together[2]).toEqual(alone[0])
    }
    await decoder.close()
  })

  test('the file is written once, and again if it was changed', async () => {
    await quantisedLinear(stage1, bits, eight)
    const name = readdirSync(cache).filter(
      (name) => name.startsWith(`int${bits}-${eight}`) && name.endsWith('tensors'),
    )
    expect(name).toHaveLength(1)
    const { mtimeMs } = statSync(join(cache, name[0]!))
    await quantisedLinear(stage1, bits, eight)
    expect(statSync(join(cache, name[0]!)).mtimeMs).toBe(mtimeMs)
    const whole = readFileSync(join(cache, name[0]!))
    const flipped = Buffer.from(whole)
    flipped[whole.length >> 1]! ^= 64
    writeFileSync(join(cache, name[0]!), flipped)
    await quantisedLinear(stage1, bits, eight)
    expect(readFileSync(join(cache, name[0]!))).toEqual(whole)
  })

  test('most of the most likely tokens stay the same', async () => {
    const ids = Array.from({ length: DIGIT_GRID.cells }, (_, i) =>
      i === 0 ? EOS : ((i * 29) % 64) + SPECIALS,
    )
    const feeds = { ids: tensor('i64', ids, [1, DIGIT_GRID.cells]) }
    const linear = await quantisedLinear(stage1, bits, eight)
    const likeliest = async (model: Parameters<typeof sequenceGraph>[0]) => {
      const { logits } = await runGraph(sequenceGraph(model), feeds)
      const V = stage1.config.vocabulary + SPECIALS
      return ids.map((_, i) => {
        const row = [...(logits!.data as Float32Array).slice(i * V + SPECIALS, (i + 1) * V)]
        return row.indexOf(Math.max(...row))
      })
    }
    const exact = await likeliest(stage1)
    const found = await likeliest({ ...stage1, linear })
    const same = found.filter((token, i) => token === exact[i]).length
    // The tiny model's logits lie close together: 8 bits keep 253 of these 256, 4 bits 202.
    expect(same / ids.length).toBeGreaterThan(bits === 8 ? 0.95 : 0.7)
  })
})

/** `numbers` as [rows, K] through one quantised layer of the tiny stage 1. */
async function matrixProduct([, bits, eight]: Way, weight: string, bias: string | undefined, rows = 5) {
  const linear = await quantisedLinear(stage1, bits, eight)
  const K = stage1.tensors.get(weight).shape[1]!
  const g = new GraphBuilder('product')
  g.output('y', linear(g, g.input('x', 'f32', ['M', K]), weight, bias))
  const session = await openSession(graphToOnnx(g.build()), { provider: 'cpu' })
  try {
    const { y } = await session.run({ x: tensor('f32', numbers(rows * K), [rows, K]) })
    return { rows, K, found: y!.data as Float32Array }
  } finally {
    await session.close()
  }
}
