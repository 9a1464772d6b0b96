// Decoding through WebGPU, here a GPU in software: the tokens of the original code and of the processor, the kernels of a
// step and the nodes that fall back to the processor, and the comparison that the self-test makes of the devices.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kernelsOf, onProcessor, placedNodes } from '../../../scripts/bench/placement.ts'
import { openChunkDecoder } from '../../../src/engine/decoding/autoregressive.ts'
import { openDeviceDecoder } from '../../../src/engine/decoding/device-decoder.ts'
import { openMaskedDecoder } from '../../../src/engine/decoding/masked.ts'
import { openGridDecoder } from '../../../src/engine/decoding/open-decoder.ts'
import { chooseBits } from '../../../src/engine/devices/precision.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { separateProduct, tiledProduct } from '../../../src/engine/models/product.ts'
import { make, parityOf } from '../../../src/engine/runs/self-test/parity.ts'
import { gridOfSide } from '../../../src/shared/grid/shape.ts'
import { maxDifference, OFFICIAL } from '../models/run-graph.ts'
import { GREEDY, greedyStarts, greedyTokens, pins, sequences, type GreedyRole } from './official.ts'

const sequence = { prefix: [2], seed: 1, image: 0, use: 'stage1' } as const
const sampling = { temperature: 1, topK: 20, topP: 0 }
const TOP_P = { temperature: 1.2, topK: 0, topP: 0.9 }

let models: OpenModels
let start: (role: GreedyRole) => Promise<number[]>
beforeAll(async () => {
  models = await openModels([OFFICIAL])
  start = await greedyStarts(models)
})
afterAll(() => models.close())

// A software GPU takes long for a step, and for one in tiles ten times as long.
test.each([
  ['stage1', 16, separateProduct],
  ['stage1Class', 3, tiledProduct],
  ['stage2Ar', 4, separateProduct],
] as const)(
  'the greedy grid of %s matches the original code, %i tokens, batches of 1 and 2: %o',
  async (role, length, product) => {
    const decoder = await openDeviceDecoder(await models.open(role), { provider: 'webgpu' }, product)
    expect(decoder.provider).toBe('webgpu')
    const expected = (await greedyTokens(role)).slice(0, length)
    for (const batch of [1, 2]) {
      const images = Array.from({ length: batch }, (_, i) => i)
      const grids = await decoder.decode(sequences(await start(role), images), { sampling: GREEDY, length })
      for (const { tokens } of grids) expect(Array.from(tokens)).toEqual(expected)
    }
    await decoder.close()
  },
)

test('WebGPU draws the same 16 cells around pinned tokens', async () => {
  const model = await models.open('stage1')
  const sequences = [0, 1].map((image) => ({
    ...{ prefix: [2], seed: 7, image, use: 'stage1' as const },
    pinned: pins(model.config.vocabulary, image, 3),
  }))
  const decode = async (provider: 'cpu' | 'webgpu') => {
    const decoder = await openDeviceDecoder(model, { provider })
    const grids = await decoder.decode(sequences, { sampling: TOP_P, length: 16 })
    await decoder.close()
    return grids.map(({ tokens }) => tokens)
  }
  expect(await decode('webgpu')).toEqual(await decode('cpu'))
})

test('WebGPU gives pinned tokens the same log-probabilities and entropies, to 1e-4', async () => {
  const opened = await models.open('stage1')
  // A quarter of the grid: a GPU in software takes long.
  const model = { ...opened, config: { ...opened.config, grid: gridOfSide(8) } }
  const pinned = Array.from({ length: 64 }, (_, cell) => (cell * 31) % model.config.vocabulary)
  const grids = await Promise.all(
    (['cpu', 'webgpu'] as const).map(async (provider) => {
      const stage = await openGridDecoder(model, provider, 32)
      const previews: number[] = []
      const [grid] = await stage.draw(
        [{ seed: 1, image: 0, pinned }],
        [undefined],
        { sampling: TOP_P, masked: { steps: 6, choiceTemperature: 4.5 } },
        {
          signal: new AbortController().signal,
          onShare: () => {},
          onGrids: (done, [image]) => void previews.push(done, image!.tokens.indexOf(-1)),
        },
      )
      await stage.close()
      expect(previews).toEqual([64, -1])
      return grid!
    }),
  )
  expect(maxDifference(grids[1]!.logProbabilities, grids[0]!.logProbabilities)).toBeLessThan(1e-4)
  expect(maxDifference(grids[1]!.entropies, grids[0]!.entropies)).toBeLessThan(1e-4)
})

test.each([
  [tiledProduct, 8],
  [separateProduct, 11],
] as const)(
  'a step on WebGPU has no node on the processor but those of shapes: %o',
  async (product, kernels) => {
    const model = await models.open('stage1')
    const nodesOf = (layers: number) =>
      placedNodes(async (profile) => {
        const decoder = await openDeviceDecoder(
          { ...model, config: { ...model.config, layers } },
          { provider: 'webgpu', profile },
          product,
        )
        await decoder.decode([sequence], { sampling, length: 2 })
        await decoder.close()
      })
    const [one, all] = [await nodesOf(1), await nodesOf(model.config.layers)]
    expect(onProcessor(all)).toEqual([])
    const perLayer = (kernelsOf(all).length - kernelsOf(one).length) / (model.config.layers - 1)
    expect(perLayer).toBe(kernels)
  },
)

test('a step of masked decoding on WebGPU has none either, and draws the codes of the processor', async () => {
  const opened = await models.open('stage2Nar')
  // A quarter of the grid: every position reads every other, for which a GPU in software takes long.
  const model = { ...opened, config: { ...opened.config, grid: gridOfSide(8) } }
  const { vocabulary, sourceVocabulary, grid } = model.config
  const prefix = Array.from(
    { length: grid.cells },
    (_, i) => ((7 * i) % sourceVocabulary) + 5 + vocabulary + 5,
  )
  const decode = async (provider: 'cpu' | 'webgpu', profile?: string) => {
    const decoder = await openMaskedDecoder(model, { provider, ...(profile ? { profile } : {}) })
    const decoding = { steps: 2, choiceTemperature: 4.5 }
    const [grid] = await decoder.decode([{ prefix, seed: 3, image: 0 }], { sampling, decoding })
    await decoder.close()
    return grid!
  }
  const onCpu = await decode('cpu')
  const nodes = await placedNodes(async (profile) => {
    const onGpu = await decode('webgpu', profile)
    expect(onGpu.tokens).toEqual(onCpu.tokens)
    expect(onGpu.ranks).toEqual(onCpu.ranks)
    onGpu.logProbabilities.forEach((value, i) => expect(value).toBeCloseTo(onCpu.logProbabilities[i]!, 4))
    onGpu.entropies.forEach((value, i) => expect(value).toBeCloseTo(onCpu.entropies[i]!, 4))
  })
  expect(onProcessor(nodes)).toEqual([])
})

test('the automatic precision is float32 on a GPU without float16, as this one in software', async () => {
  expect(await chooseBits('auto', 'webgpu')).toBe(32)
})

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'the self-test compares a GPU with the processor, and detects a difference',
  async () => {
    const model = await models.open('stage1')
    const { signal } = new AbortController()
    const cpu = await openChunkDecoder(model, { provider: 'cpu' })
    const processor = await make(model, cpu, sequence, signal)
    const gpu = await openDeviceDecoder(model, { provider: 'webgpu' })
    const there = await make(model, gpu, sequence, signal, processor.tokens)
    const parity = parityOf(there, processor)
    // float32 on both, sums in another order.
    expect(parity).toMatchObject({ equal: 8, of: 8 })
    expect(parity.difference).toBeGreaterThan(0)
    expect(parity.difference).toBeLessThan(1e-3)
    console.log(`logits on WebGPU: at most ${parity.difference.toExponential(1)} of ${parity.largest}`)

    const wrong = { tokens: Int32Array.of(...there.tokens), logits: Float32Array.from(there.logits) }
    wrong.tokens[3] = wrong.tokens[3] === 0 ? 1 : 0
    wrong.logits[5]! += 2
    expect(parityOf(wrong, processor)).toMatchObject({ equal: 3, of: 8 })
    expect(parityOf(wrong, processor).difference).toBeGreaterThan(1.9)
    for (const opened of [cpu, gpu]) await opened.close()
  },
)
