// Sweeps of the workspace over the contract: planned, estimated, begun, stopped, extended, and read by ids alone.
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createEngine, demoFolder, type Engine } from '../../../../src/engine/api/index.ts'
import { protocolText } from '../../../../src/shared/evaluation/protocol-text.ts'
import type { SampleRequest } from '../../../../src/shared/run/run.ts'
import type { SweepPoint, SweepRequest, WorkspaceSweep } from '../../../../src/shared/sweep/sweeps.ts'
import { lastStamp } from '../../../../src/engine/runs/sweep/sweep-record.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const COUNT = 3
const folder = temporaryFolder()
const workspace = join(folder.path, 'workspace')

const base: SampleRequest = {
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
}
const request = (temperatures: number[]): SweepRequest => ({
  base,
  axes: [{ name: 'temperature', values: temperatures }],
  measure: { reference: { kind: 'demo' }, protocol: 'dinov2', confidence: true },
})

let engine: Engine
const points: SweepPoint[] = []
const images: string[] = []
/** Resolves with the first state of the sweep that is no longer at work. */
const ended = (id: string) =>
  new Promise<WorkspaceSweep>((resolve) => {
    const stop = engine.on('sweepChanged', (sweep) => {
      if (sweep.id !== id || ['queued', 'running'].includes(sweep.status.state)) return
      stop()
      resolve(sweep)
    })
  })

beforeAll(async () => {
  engine = createEngine({ workspace, keepsNetworks: true })
  engine.on('sweepPoint', (_id, point) => points.push(point))
  engine.on('imageFinished', (run, { image }) => images.push(`${run}/${image}`))
  await engine.api.openModels([demoFolder()])
})

describe('a sweep of two cells', () => {
  let id = ''

  test('is refused with invalid axes, and no folder is created', async () => {
    const { api } = engine
    const both = {
      ...request([1]),
      axes: [0.5, 0.6].map((value) => ({ name: 'topp' as const, values: [value] })),
    }
    await expect(api.startSweep(both, null)).rejects.toThrow('axis topp: given twice')
    await expect(api.startSweep(request([0]), null)).rejects.toThrow(
      'temperature: 0 is out of range (expected 0.01 to 100)',
    )
    const checkpoint: SweepRequest = { base, axes: [{ name: 'checkpoint', values: ['nothing'] }] }
    await expect(api.startSweep(checkpoint, null)).rejects.toThrow("checkpoint 'nothing' not found")
    expect(existsSync(join(workspace, 'sweeps'))).toBe(false)
  })

  test('has a time estimate only after a trial run', async () => {
    const { api } = engine
    expect(await api.estimateSweep(request([0.5, 1]), null)).toMatchObject({
      cells: 2,
      images: 2 * COUNT,
      passes: 2 * COUNT * (256 + 1),
      finished: 0,
      basis: 'no finished run to estimate the speed of these settings',
    })
    const tried = new Promise((resolve) => engine.on('sweepTried', resolve))
    await api.trySweep(request([0.5, 1]))
    // A sweep that is started meanwhile waits, is there, and can be cancelled.
    const waiting = await api.startSweep(request([0.75]), null)
    expect((await api.readSweep(waiting)).sweep).toMatchObject({ id: waiting, status: { state: 'queued' } })
    await api.cancelSweep(waiting)
    await api.removeSweep(waiting)
    expect(await tried).toBeUndefined()
    const { seconds, basis } = await api.estimateSweep(request([0.5, 1]), null)
    // Of a whole batch, or of what there was time for.
    expect(basis).toMatch(
      /^based on a (short trial run|trial run of 3 images), excluding the time for errors$/,
    )
    expect(seconds).toBeGreaterThan(0)
    expect(readdirSync(workspace)).not.toContain('runs')
  })

  test('reports each image and each cell, and ends', async () => {
    const { api } = engine
    id = await api.startSweep(request([1, 0.5]), null)
    expect((await api.listSweeps())[0]).toMatchObject({
      id,
      cells: 2,
      finished: 0,
      status: { state: 'queued' },
    })
    const sweep = await ended(id)
    expect(sweep).toMatchObject({
      cells: 2,
      finished: 2,
      base: { count: COUNT, seed: 5 },
      axes: [{ name: 'temperature', values: [0.5, 1] }],
      measure: { protocol: 'dinov2', reference: 'Demo pictures', confidence: true },
      status: { state: 'done' },
    })
    expect(images).toContain(`${id}@temperature0.5/2`)
    expect(points.map(({ run }) => run)).toEqual([`${id}@temperature1`, `${id}@temperature0.5`])
    expect(JSON.stringify([sweep, points])).not.toContain(folder.path)
  })

  test('is read with its numbers, its protocol as text, and its samples as runs', async () => {
    const { api } = engine
    const read = await api.readSweep(id)
    expect(read.points).toEqual(points)
    const stamp = (await lastStamp(join(workspace, 'sweeps', id, 'cells/temperature1')))!
    expect(read.points[0]!.measured).toMatchObject({
      results: stamp.results,
      protocol: protocolText(stamp),
      n: COUNT,
      metric: 'dinov2',
    })
    const run = read.points[1]!.run
    expect(await api.listImages(run)).toEqual([{ image: 0 }, { image: 1 }, { image: 2 }])
    expect((await api.readRecord(run, 2)).codes.tokens).toHaveLength(256)
    expect((await api.readImage(run, 0)).length).toBeGreaterThan(0)
    // The library is of runs that someone asked for one by one.
    expect((await api.snapshot()).runs).toEqual([])
  })

  test('is extended by a cell without repeating the others', async () => {
    const { api } = engine
    images.length = 0
    const wider = { ...request([0.5, 0.75, 1]) }
    expect(await api.estimateSweep(wider, id)).toMatchObject({ cells: 3, finished: 2 })
    await api.startSweep(wider, id)
    const sweep = await ended(id)
    expect(sweep).toMatchObject({ cells: 3, finished: 3 })
    expect(new Set(images.map((name) => name.split('/')[0]))).toEqual(new Set([`${id}@temperature0.75`]))
  })

  test('is removed and restored', async () => {
    const { api } = engine
    await api.removeSweep(id)
    expect(await api.listSweeps()).toEqual([])
    await expect(api.readSweep(id)).rejects.toThrow(`sweep '${id}' not found`)
    await api.restoreSweep(id)
    expect((await api.readSweep(id)).points).toHaveLength(3)
  })

  test('is cancelled, listed by a new engine, and resumed', async () => {
    const { api } = engine
    const stopped = await api.startSweep(request([0.9, 1.1]), null)
    const first = new Promise<void>((resolve) => engine.on('imageFinished', () => resolve()))
    const end = ended(stopped)
    await first
    await api.cancelSweep(stopped)
    expect((await end).status.state).toBe('cancelled')

    engine = createEngine({ workspace })
    await engine.api.openModels([demoFolder()])
    expect((await engine.api.readSweep(stopped)).sweep).toMatchObject({
      cells: 2,
      status: { state: 'cancelled' },
    })
    const done = ended(stopped)
    await engine.api.resumeSweep(stopped)
    expect(await done).toMatchObject({ finished: 2, status: { state: 'done' } })
  })

  test('is also found among the runs, and is not listed as a run', async () => {
    const { api } = engine
    cpSync(join(workspace, 'sweeps', id), join(workspace, 'runs', 'sweep-demo'), { recursive: true })
    expect((await api.listSweeps()).map((sweep) => sweep.id)).toContain('sweep-demo')
    expect((await api.snapshot()).runs).toEqual([])
    expect(await api.listImages('sweep-demo@temperature1')).toHaveLength(COUNT)
  })
})
