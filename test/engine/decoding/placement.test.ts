// What a step costs a GPU beyond its arithmetic: kernels, nodes that fall back to the processor, bytes over the bus, waits.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kernelsOf, onProcessor, placedNodes } from '../../../scripts/bench/placement.ts'
import { openDeviceDecoder } from '../../../src/engine/decoding/device-decoder.ts'
import { openMaskedDecoder } from '../../../src/engine/decoding/masked.ts'
import { openRereadDecoder } from '../../../src/engine/decoding/reread-decoder.ts'
import { chooseBits } from '../../../src/engine/devices/precision.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { separateProduct, tiledProduct } from '../../../src/engine/models/product.ts'
import type { RunCost } from '../../../src/engine/session/index.ts'
import { gridOfSide } from '../../../src/shared/grid/shape.ts'
import { keepGpu, OFFICIAL } from '../models/run-graph.ts'

const sequence = { prefix: [2], seed: 1, image: 0, use: 'stage1' } as const
const sampling = { temperature: 1, topK: 20, topP: 0 }

let models: OpenModels
beforeAll(async () => {
  await keepGpu()
  models = await openModels([OFFICIAL])
})
afterAll(() => models.close())

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

test.each([
  // A row of the grid is read at once; ids, draws and settings go in.
  ['step by step on a device', openDeviceDecoder, 256 / 16],
  ['chunks that read again', openRereadDecoder, 256 / 64],
] as const)('%s: a grid moves less than half a megabyte', async (_, open, waits) => {
  const runs: RunCost[] = []
  const decoder = await open(await models.open('stage1'), { provider: 'cpu', onRun: (run) => runs.push(run) })
  await decoder.decode([sequence], { sampling })
  await decoder.close()
  const sum = (of: (run: RunCost) => number) => runs.reduce((total, run) => total + of(run), 0)
  // 1 MB an image, for the grids of both stages.
  expect(sum(({ busBytes }) => busBytes)).toBeLessThan(2 ** 19)
  expect(sum((run) => run.waits)).toBe(waits)
})

test('the automatic precision is float32 on a GPU without float16, as this one in software', async () => {
  expect(await chooseBits('auto', 'webgpu')).toBe(32)
})
