// What a step costs a GPU beyond its arithmetic: bytes over the bus and waits; webgpu.ts has kernels and nodes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDeviceDecoder } from '../../../src/engine/decoding/device-decoder.ts'
import { openRereadDecoder } from '../../../src/engine/decoding/reread-decoder.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import type { RunCost } from '../../../src/engine/session/index.ts'
import { OFFICIAL } from '../models/run-graph.ts'

const sequence = { prefix: [2], seed: 1, image: 0, use: 'stage1' } as const
const sampling = { temperature: 1, topK: 20, topP: 0 }

let models: OpenModels
beforeAll(async () => void (models = await openModels([OFFICIAL])))
afterAll(() => models.close())

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
