// A training's checkpoints swept: each lies at its epoch, is measured, and has samples of the same seeds.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createEngine, demoFolder, type Engine } from '../../../src/engine/api/index.ts'
import { curvesOf } from '../../../src/shared/figures/curves.ts'
import type { SweepRequest, SweepContents } from '../../../src/shared/sweep/sweeps.ts'
import { writeDemoPictures } from '../../demo.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { writeTrainingSeries } from '../training-series.ts'

const folder = temporaryFolder()
const EPOCHS = [
  { epoch: 1, updates: 100, sharpness: 0 },
  { epoch: 5, updates: 500, sharpness: 0.5 },
  { epoch: 20, updates: 2000, sharpness: 1 },
]
/** Samples of each checkpoint. */
const COUNT = 4
const SLOW = 300_000
const METRIC = 'frechet_dinov2_distance'

let engine: Engine
let request: SweepRequest
let contents: SweepContents

beforeAll(async () => {
  const paths = await writeTrainingSeries(join(folder.path, 'outputs/my_stage1/checkpoints'), EPOCHS)
  engine = createEngine({ workspace: join(folder.path, 'workspace'), keepsNetworks: true })
  writeDemoPictures(join(folder.path, 'pictures'), 1)
  await engine.api.addImages([join(folder.path, 'pictures')])
  await engine.api.openModels([demoFolder(), ...paths])
}, SLOW)

describe('checkpoints of one training run', () => {
  it(
    'are swept and placed at their epochs and updates',
    async () => {
      const { modelSet } = await engine.api.snapshot()
      const values = modelSet!.files
        .filter(({ path, summary }) => /checkpoint\d+\.pt$/.test(path) && summary.startsWith('stage 1'))
        .map(({ id }) => id)
      expect(values).toHaveLength(3)
      const sets = await engine.api.listImageSets()
      request = {
        base: { ...QUICK, batchSize: COUNT, count: COUNT, seed: 3 },
        axes: [{ name: 'checkpoint', values }],
        measure: { reference: sets.find(({ name }) => name === 'pictures')!.source, protocol: 'dinov2' },
      }
      const id = await engine.api.startSweep(request, null)
      await vi.waitFor(async () => expect((await engine.api.readSweep(id)).sweep.status.state).toBe('done'), {
        timeout: SLOW,
        interval: 500,
      })
      contents = await engine.api.readSweep(id)
      const { sweep, points } = contents
      for (const [across, places] of [
        ['epoch', [1, 5, 20]],
        ['updates', [100, 500, 2000]],
      ] as const) {
        const [curve, ...others] = curvesOf(sweep, points, across, METRIC)
        expect(others).toEqual([])
        expect(curve!.points.map(({ x }) => x)).toEqual(places)
      }
    },
    SLOW,
  )

  it('have samples of their own, drawn with the same random numbers, and distances of their own', async () => {
    const { sweep, points } = contents
    const [curve] = curvesOf(sweep, points, 'epoch', METRIC)
    expect(new Set(curve!.points.map(({ y }) => y)).size).toBe(3)
    const tokens = await Promise.all(
      curve!.points.map(async ({ run }) => (await engine.api.readRecord(run, 0)).discriminative?.tokens),
    )
    expect(new Set(tokens.map(String)).size).toBe(3)
    expect((await engine.api.readImage(curve!.points[2]!.run, COUNT - 1)).length).toBeGreaterThan(0)
  })

  it('have names, a missing one is reported by name, and results are kept', async () => {
    const { sweep } = contents
    expect(Object.values(sweep.checkpoints).map(({ name }) => name)).toEqual([
      'my_stage1/checkpoint1.pt',
      'my_stage1/checkpoint5.pt',
      'my_stage1/checkpoint20.pt',
    ])
    rmSync(join(folder.path, 'outputs/my_stage1/checkpoints/checkpoint5.pt'))
    await expect(engine.api.startSweep(request, null)).rejects.toThrow(/checkpoint5\.pt/)
    expect(await engine.api.readSweep(sweep.id)).toEqual(contents)
  })
})
