// Runs and images that a person keeps, resumes, marks, or takes out of the library.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createEngine, demoFolder } from '../../../src/engine/api/index.ts'
import { KEPT_DRAFTS } from '../../../src/engine/api/runs/drafts.ts'
import type { ImageName } from '../../../src/shared/contract/api.ts'
import type { WorkspaceRun } from '../../../src/shared/run/listed-run.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const ENDED = ['done', 'failed', 'cancelled']

async function openEngine(workspace: string) {
  const engine = createEngine({ workspace, models: [demoFolder()] })
  await new Promise<void>((resolve) => void engine.on('modelSetChanged', () => resolve()))
  const runs = new Map<string, WorkspaceRun>()
  engine.on('runChanged', (run) => runs.set(run.id, run))
  const removed: string[] = []
  engine.on('runRemoved', (id) => {
    removed.push(id)
    runs.delete(id)
  })
  const ended = (id: string) =>
    vi.waitFor(() => {
      const run = runs.get(id)
      expect(ENDED).toContain(run?.status.state)
      return run!
    }, 120_000)
  const found = async (id: string) => (await engine.api.snapshot()).runs.find((run) => run.id === id)
  return { ...engine, runs, removed, ended, found }
}
type Opened = Awaited<ReturnType<typeof openEngine>>

const pngs = (workspace: string, run: string) => {
  const folder = join(workspace, 'runs', run, 'images')
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]))
}

describe('a cancelled run', () => {
  const workspace = temporaryFolder().path
  let engine: Opened
  let id: string
  beforeAll(async () => {
    engine = await openEngine(workspace)
    id = await engine.api.startSample({ ...QUICK, batchSize: 1, count: 4 })
    engine.on('imageFinished', () => void engine.api.cancelRun(id))
    await engine.ended(id)
  })

  it('lists its models and its device', () => {
    const { models, device, status, finished } = engine.runs.get(id)!
    expect(status).toEqual({ state: 'cancelled', finished })
    expect(finished).toBeLessThan(4)
    expect(models?.map(({ role }) => role)).toEqual(['stage1', 'stage2', 'vqgan'])
    for (const { name, sha256 } of models!)
      expect([name, sha256]).toEqual([
        expect.not.stringMatching(/[\\/]/),
        expect.stringMatching(/^[0-9a-f]{64}$/),
      ])
    expect(device).toMatchObject({ provider: 'cpu' })
  })

  it('is resumed by the next engine to the images of an uninterrupted run', async () => {
    const before = pngs(workspace, id)
    const next = await openEngine(workspace)
    await next.api.resumeRun(id)
    await expect(next.api.resumeRun(id)).rejects.toThrow(`run '${id}': already running`)
    expect(await next.ended(id)).toMatchObject({ finished: 4, status: { state: 'done', finished: 4 } })
    const whole = await next.api.startSample({ ...QUICK, batchSize: 1, count: 4 })
    await next.ended(whole)
    const [resumed, inOne] = [pngs(workspace, id), pngs(workspace, whole)]
    expect(resumed).toEqual(inOne)
    expect(resumed).toMatchObject(before)
    await expect(next.api.resumeRun(id)).rejects.toThrow(`run '${id}': already complete`)
    const { runs } = await next.api.snapshot()
    expect(runs.find((run) => run.id === id)!.started).toBe(engine.runs.get(id)!.started)
  })

  it('in the queue is reported as cancelled at once, and can be queued again', async () => {
    const next = await openEngine(workspace)
    const [first, second] = [
      await next.api.startSample({ ...QUICK, count: 4 }),
      await next.api.startSample({ ...QUICK, count: 1 }),
    ]
    await next.api.cancelRun(second)
    expect(next.runs.get(second)!.status).toEqual({ state: 'cancelled', finished: 0 })
    await next.api.resumeRun(second)
    expect((await next.ended(first)).status.state).toBe('done')
    expect((await next.ended(second)).status.state).toBe('done')
  })

  it('made with models that are not open is refused, with their names', async () => {
    const path = join(workspace, 'runs', 'other', 'run.json')
    mkdirSync(join(path, '..'))
    const record = JSON.parse(readFileSync(join(workspace, 'runs', id, 'run.json'), 'utf8')) as {
      models: { sha256: string }[]
      spec: { count: number }
    }
    record.models[2]!.sha256 = 'abcdef'.padEnd(64, '0')
    writeFileSync(path, JSON.stringify(record))
    const next = await openEngine(workspace)
    await expect(next.api.resumeRun('other')).rejects.toThrow(
      /models that are not open: vqgan .* \(abcdef000000\)/,
    )
  })
})

describe('a run of another process', () => {
  const workspace = temporaryFolder().path
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  afterAll(() => other.kill())
  const lock = (file: string, pid = other.pid) =>
    writeFileSync(join(workspace, 'runs', 'theirs', file), JSON.stringify({ pid, host: hostname() }))
  let engine: Opened
  beforeAll(async () => {
    mkdirSync(join(workspace, 'runs', 'theirs', 'images'), { recursive: true })
    const spec = { kind: 'sample', ...QUICK, model: demoFolder(), out: 'x', shards: 1, shard: 0 }
    const request = { started: '2026-01-01T00:00:00Z', spec }
    writeFileSync(join(workspace, 'runs', 'theirs', 'request.json'), JSON.stringify(request))
    engine = await openEngine(workspace)
  })

  it('is queued or running, not cancelled, and is left alone', async () => {
    lock('.claim')
    expect(await engine.found('theirs')).toMatchObject({ elsewhere: true, status: { state: 'queued' } })
    await expect(engine.api.resumeRun('theirs')).rejects.toThrow(/run 'theirs': queued by process \d+/)
    lock('.lock')
    expect(await engine.found('theirs')).toMatchObject({
      elsewhere: true,
      status: { state: 'running', step: 0, of: 4, note: `in use by process ${other.pid}` },
    })
    await expect(engine.api.resumeRun('theirs')).rejects.toThrow(/run 'theirs': in use by/)
    await expect(engine.api.removeRun('theirs')).rejects.toThrow(/run 'theirs': in use by/)
    await expect(engine.api.cancelRun('theirs')).rejects.toThrow(
      /run 'theirs': in use by .*; cancel it there/,
    )
  })

  it('is followed while it grows, and to its end', async () => {
    const image = new Promise(
      (resolve) => void engine.on('imageFinished', (_, entry) => resolve(entry.image)),
    )
    writeFileSync(join(workspace, 'runs', 'theirs', 'images', '000002.png'), '')
    expect(await image).toBe(2)
    other.kill()
    expect(await engine.ended('theirs')).toMatchObject({ finished: 1, status: { state: 'cancelled' } })
    expect(engine.runs.get('theirs')).not.toHaveProperty('elsewhere')
  })
})

describe('favorites and the trash', () => {
  const workspace = temporaryFolder().path
  let engine: Opened
  let id: string
  beforeAll(async () => {
    engine = await openEngine(workspace)
    id = await engine.api.startSample({ ...QUICK, count: 2 })
    await engine.ended(id)
  })

  it('favorites are kept across engines and reported', async () => {
    const told: (readonly ImageName[])[] = []
    engine.on('favouritesChanged', (all) => told.push(all))
    const { setFavourite } = engine.api
    await Promise.all([setFavourite(id, 1, true), setFavourite(id, 0, true), setFavourite(id, 1, true)])
    const both = [
      { run: id, image: 0 },
      { run: id, image: 1 },
    ]
    // They were marked at the same time, so their order is open.
    const sorted = (all: readonly ImageName[]) => [...all].sort((a, b) => a.image - b.image)
    expect(sorted(told.at(-1)!)).toEqual(both)
    expect(sorted((await createEngine({ workspace }).api.snapshot()).favourites)).toEqual(both)
    await setFavourite(id, 0, false)
    expect((await engine.api.snapshot()).favourites).toEqual([{ run: id, image: 1 }])
    await expect(setFavourite(id, 2, true)).rejects.toThrow(`run '${id}': image 2 not found`)
  })

  it('an invalid file of favorites stays unchanged', async () => {
    const file = join(workspace, 'favourites.json')
    const before = readFileSync(file)
    writeFileSync(file, '{"schema":1,"favourites":[{"run":"../x","image":0}]}')
    expect((await engine.api.snapshot()).favourites).toEqual([])
    await expect(engine.api.setFavourite(id, 0, true)).rejects.toThrow('favourites.json: ')
    expect(readFileSync(file, 'utf8')).toContain('../x')
    writeFileSync(file, before)
  })

  it('a run is removed and restored unchanged', async () => {
    const before = pngs(workspace, id)
    await engine.api.removeRun(id)
    expect(engine.removed).toEqual([id])
    expect(await engine.found(id)).toBeUndefined()
    await expect(engine.api.removeRun(id)).rejects.toThrow(`run '${id}' not found`)
    await engine.api.restoreRun(id)
    expect(await engine.found(id)).toMatchObject({ finished: 2, status: { state: 'done' } })
    expect(pngs(workspace, id)).toEqual(before)
    await expect(engine.api.restoreRun(id)).rejects.toThrow(`run '${id}': already in the library`)
    await expect(engine.api.restoreRun('nothing')).rejects.toThrow("run 'nothing': not in the trash")
    await expect(engine.api.removeRun('..')).rejects.toThrow('not a run id')
  })

  it('a removed run stays in the trash until it is deleted there', async () => {
    const gone = await engine.api.startSample({ ...QUICK, count: 1 })
    await engine.ended(gone)
    await engine.api.removeRun(gone)
    const folder = join(workspace, 'trash', gone)
    const bytes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => statSync(join(folder, name)))
      .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
    expect(await engine.api.listTrash()).toMatchObject([
      { run: { id: gone, finished: 1, request: { seed: QUICK.seed } }, bytes },
    ])
    await engine.api.deleteTrashed([gone, id])
    expect(await engine.api.listTrash()).toEqual([])
    await expect(engine.api.restoreRun(gone)).rejects.toThrow(`run '${gone}': not in the trash`)
    expect(await engine.found(id)).toMatchObject({ finished: 2 })
    await expect(engine.api.deleteTrashed(['..'])).rejects.toThrow('not a run id')
  })

  it('a running or queued run cannot be removed', async () => {
    const at = await engine.api.startSample({ ...QUICK, count: 2 })
    await expect(engine.api.removeRun(at)).rejects.toThrow(`run '${at}': running or queued; cancel it first`)
    await engine.ended(at)
  })

  it('the newest drafts, kept drafts and drafts with a favorite are kept', async () => {
    const drafts = Array.from({ length: KEPT_DRAFTS + 1 }, (_, i) => `2025-${String(i).padStart(2, '0')}`)
    for (const [i, draft] of drafts.entries()) {
      mkdirSync(join(workspace, 'runs', draft, 'images'), { recursive: true })
      const spec = { kind: 'sample', ...QUICK, draft: true, model: 'm', out: 'o', shards: 1, shard: 0 }
      const request = { started: new Date(Date.UTC(2025, 0, 1 + i)).toISOString(), spec }
      writeFileSync(join(workspace, 'runs', draft, 'request.json'), JSON.stringify(request))
    }
    writeFileSync(join(workspace, 'runs', drafts[0]!, 'images', '000000.png'), '')
    await engine.api.setFavourite(drafts[0]!, 0, true)
    await engine.api.keepRun(drafts[1]!)
    expect((await engine.found(drafts[1]!))!.request).not.toHaveProperty('draft')
    engine.removed.length = 0
    const last = await engine.api.startSample({ ...QUICK, count: 1, draft: true })
    await engine.ended(last)
    // 20 drafts were left; the new one is the 21st, and the oldest has a favourite.
    expect(engine.removed).toEqual([])
    const another = await engine.api.startSample({ ...QUICK, count: 1, draft: true })
    await engine.ended(another)
    expect(engine.removed).toEqual([drafts[2]])
    expect(readdirSync(join(workspace, 'trash'))).toEqual([drafts[2]])
    await engine.api.keepRun(last)
    expect((await engine.found(last))!.request).not.toHaveProperty('draft')
  })
})
