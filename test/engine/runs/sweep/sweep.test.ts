// A sweep on the demo: stopped and resumed it gives the numbers of one that was not; a wider one keeps its cells.
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keptNetworks } from '../../../../src/engine/devices/network-pool.ts'
import { lastStamp } from '../../../../src/engine/runs/sweep/sweep-record.ts'
import { runSweep } from '../../../../src/engine/runs/sweep/sweep.ts'
import type { SampleSpec, SweepSpec } from '../../../../src/shared/run/run.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { GENERATORS } from '../../models/generators/fixture.ts'
import { DEMO, OFFICIAL } from '../../models/run-graph.ts'

const COUNT = 3
const folder = temporaryFolder()

const base: SampleSpec = {
  kind: 'sample',
  model: DEMO,
  out: '/unused',
  device: 'cpu',
  batchSize: 4,
  weightBits: 32,
  stage2: 'nar',
  stage1Sampling: { temperature: 1, topK: 200, topP: 0 },
  stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
  masked: { steps: 1, choiceTemperature: 4.5 },
  seed: 5,
  count: COUNT,
  classes: [],
  shards: 1,
  shard: 0,
}
const reference = join(DEMO, 'images', readdirSync(join(DEMO, 'images')).sort()[0]!)
const spec = (out: string, temperatures: readonly number[]): SweepSpec => ({
  kind: 'sweep',
  out: join(folder.path, out),
  base,
  axes: [{ name: 'temperature', values: [...temperatures] }],
  measure: { reference, protocol: 'dinov2' },
})
const table = (out: string) => readFileSync(join(folder.path, out, 'sweep.csv'), 'utf8')
const networks = keptNetworks()
const callbacks = { signal: new AbortController().signal, progress: () => {}, networks }
afterAll(() => networks.close())

describe('two cells of three images', () => {
  beforeAll(() => runSweep(spec('whole', [0.5, 1]), callbacks))

  test('give a table of values, numbers and folders, which are runs', () => {
    const [heads, ...rows] = table('whole')
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','))
    expect(heads!.slice(0, 4)).toEqual(['temperature', 'n', 'protocol', 'frechet_dinov2_distance'])
    expect(rows.map((row) => [row[0], row[1], row.at(-1)])).toEqual([
      ['0.5', '3', 'cells/temperature0.5'],
      ['1', '3', 'cells/temperature1'],
    ])
    expect(rows[0]![3]).not.toBe(rows[1]![3])
    const images = readdirSync(join(folder.path, 'whole/cells/temperature1/images'))
    expect(images).toHaveLength(COUNT)
  })

  test('give the same table after a stop in the second cell', async () => {
    const controller = new AbortController()
    const progress = (step: number) => void (step > COUNT && controller.abort(new Error('stopped')))
    await expect(
      runSweep(spec('stopped', [0.5, 1]), { signal: controller.signal, progress, networks }),
    ).rejects.toThrow('stopped')
    await runSweep(spec('stopped', [0.5, 1]), callbacks)
    expect(table('stopped')).toBe(table('whole'))
  })

  test('are kept when the sweep is extended, and the new cell is added to the table', async () => {
    const cell = join(folder.path, 'whole/cells/temperature1')
    const before = statSync(join(cell, 'images/000000.png')).mtimeMs
    await runSweep(spec('whole', [0.5, 0.75]), callbacks)
    expect(
      table('whole')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(',')[0]),
    ).toEqual(['temperature', '0.5', '1', '0.75'])
    expect(statSync(join(cell, 'images/000000.png')).mtimeMs).toBe(before)
    expect(readFileSync(join(cell, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(1)
  })
})

test('with confidence, distances have errors in the table, from 40 images up', async () => {
  const plain = spec('errors', [1])
  const measure = { ...plain.measure!, confidence: true as const }
  // The fastest generator, with the smallest encoder: what is tested is the table.
  const model = join(folder.path, 'models')
  cpSync(join(GENERATORS, 'mage'), model, { recursive: true })
  cpSync(join(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth'), join(model, 'dinov2.pth'))
  const generator = { family: 'mage' as const, heads: 2, settings: { steps: 1 } }
  const many = { ...base, model, generator, count: 40, batchSize: 40 }
  const axes: SweepSpec['axes'] = [{ name: 'seed', values: [1] }]
  await runSweep({ ...plain, axes, measure, base: many }, callbacks)
  const [heads, row] = table('errors')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
  const stamp = await lastStamp(join(folder.path, 'errors/cells/seed1'))
  expect(stamp!.confidence!.error).toBeGreaterThan(0)
  expect(stamp!.confidence!.curve.map(({ count }) => count)).toEqual([20, 36, 40])
  expect(row![heads!.indexOf('frechet_distance_error')]).toBe(String(stamp!.confidence!.error))
  // Fewer are told, not passed over.
  await runSweep({ ...plain, measure, out: join(folder.path, 'few') }, callbacks)
  expect(table('few')).not.toContain('frechet_distance_error')
  const few = await lastStamp(join(folder.path, 'few/cells/temperature1'))
  expect(few!.badges).toContain('confidence: needs at least 40 samples')
  // Errors are part of what a sweep is: one without them does not become one with them half way.
  await expect(runSweep({ ...plain, out: join(folder.path, 'few') }, callbacks)).rejects.toThrow(
    /measure\.confidence/,
  )
}, 120_000)

test('another seed in the same folder and an unknown axis are refused', async () => {
  const asked = spec('refused', [1])
  const stop = new AbortController()
  stop.abort(new Error('planned, not made'))
  const planned = { signal: stop.signal, progress: () => {} }
  await expect(runSweep(asked, planned)).rejects.toThrow('planned, not made')
  await expect(runSweep({ ...asked, base: { ...base, seed: 6 } }, planned)).rejects.toThrow(
    /base\.seed is 5 there, 6 here/,
  )
  const axes = [{ name: 'colour', values: [1] }]
  await expect(runSweep({ ...asked, axes }, planned)).rejects.toThrow("unknown axis 'colour'")
})
