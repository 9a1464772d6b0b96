// Work that is open when the application quits: noted in the workspace, and resumed by the next engine.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createEngine, demoFolder } from '../../../src/engine/api/index.ts'
import type { ResumedWork } from '../../../src/shared/contract/api.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const DEMO = { kind: 'demo' } as const
const IMAGES = 3

async function openEngine(workspace: string) {
  const engine = createEngine({ workspace, models: [demoFolder()] })
  await new Promise<void>((resolve) => void engine.on('modelSetChanged', () => resolve()))
  const told: ResumedWork[] = []
  engine.on('workResumed', (work) => told.push(work))
  const stateOf = async (id: string) =>
    (await engine.api.snapshot()).runs.find((run) => run.id === id)?.status.state
  const becomes = (id: string, state: string) =>
    vi.waitFor(async () => expect(await stateOf(id)).toBe(state), 120_000)
  return { ...engine, told, stateOf, becomes }
}
const noteIn = (workspace: string) => join(workspace, 'unfinished.json')
const callsIn = (workspace: string) =>
  (JSON.parse(readFileSync(noteIn(workspace), 'utf8')) as { calls: { call: string; args: unknown[] }[] })
    .calls

it('open work is noted in order, stopped, and resumed by the next engine where it stopped', async () => {
  const { path: workspace } = temporaryFolder()
  const first = await openEngine(workspace)
  const ended = await first.api.startSample({ ...QUICK, count: 1 })
  await first.becomes(ended, 'done')
  const dropped = await first.api.startSample({ ...QUICK, count: 1 })
  await first.api.cancelRun(dropped)
  const run = await first.api.startSample({ ...QUICK, batchSize: 1, count: IMAGES })
  const atlas = { source: DEMO, tokens: 'discriminative' } as const
  await first.api.startAtlas(atlas)
  const measurement = {
    samples: DEMO,
    reference: DEMO,
    protocol: 'dinov2',
    confidence: false,
    perClass: false,
  } as const
  await first.api.startEvaluation(measurement)
  const sweep = await first.api.startSweep(
    { base: QUICK, axes: [{ name: 'temperature', values: [1] }] },
    null,
  )
  const training = { device: 'cpu', epochs: 1, batch: 8, learningRate: 0.1, seed: 0 } as const
  const probe = await first.api.startProbe({ ...training, images: DEMO })
  expect(await first.api.openWork()).toBe(5)
  await new Promise<void>((resolve) => {
    first.on('imageFinished', (id) => id === run && resolve())
  })

  await first.api.leaveWork()
  const left = [
    { call: 'resumeRun', args: [run] },
    { call: 'startAtlas', args: [atlas] },
    { call: 'startEvaluation', args: [measurement] },
    { call: 'resumeSweep', args: [sweep] },
    { call: 'resumeProbe', args: [probe] },
  ]
  expect(callsIn(workspace)).toEqual(left)
  expect([await first.api.openWork(), await first.stateOf(run)]).toEqual([0, 'cancelled'])
  // Nothing is open any more, and what was noted stays so.
  await first.api.leaveWork()
  expect(callsIn(workspace)).toEqual(left)
  const finished = (await first.api.listImages(run)).length
  expect(finished).toBeLessThan(IMAGES)

  const next = await openEngine(workspace)
  const made: number[] = []
  next.on('imageFinished', (id, { image }) => id === run && made.push(image))
  await next.api.resumeWork()
  expect(next.told).toEqual([{ resumed: 5, problems: [] }])
  expect([await next.api.openWork(), existsSync(noteIn(workspace))]).toEqual([5, false])
  await next.becomes(run, 'done')
  expect([made.length, await next.stateOf(dropped)]).toEqual([IMAGES - finished, 'cancelled'])
  await next.api.leaveWork()
  expect(callsIn(workspace)).toEqual(left.slice(1))
})

it('work that cannot be resumed is reported, and notes of another version are skipped', async () => {
  const folder = temporaryFolder()
  const calls = [
    { call: 'resumeRun', args: ['gone'] },
    { call: 'resumeRun', args: ['../gone'] },
    { call: 'removeRun', args: ['gone'] },
    { call: 'resumeSweep', args: ['gone'] },
    { call: 'resumeRun' },
    7,
  ]
  folder.write('unfinished.json', JSON.stringify({ schema: 1, calls }))
  const { api, told } = await openEngine(folder.path)
  await api.resumeWork()
  expect(told).toEqual([
    { resumed: 0, problems: [expect.stringContaining("'gone'"), "sweep 'gone' not found"] },
  ])
  for (const text of ['', '{"schema": 1', '[]', '{"calls": 7}']) {
    folder.write('unfinished.json', text)
    await api.resumeWork()
  }
  expect([told.length, existsSync(noteIn(folder.path))]).toEqual([1, false])
})
