import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createEngine, demoFolder } from '../../../../src/engine/api/index.ts'
import type { Preview } from '../../../../src/shared/contract/api.ts'
import type { SampleRequest } from '../../../../src/shared/run/run.ts'
import type { WorkspaceRun } from '../../../../src/shared/run/listed-run.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { QUICK } from '../../../quick-request.ts'

const workspace = temporaryFolder().path

/** An engine with its models looked at, what it tells, and a way to wait for a run's end. */
async function openEngine() {
  const engine = createEngine({ workspace, models: [demoFolder()] })
  const previews: Preview[] = []
  const images: string[] = []
  engine.on('preview', (preview) => previews.push(preview))
  engine.on('imageFinished', (run, { image }) => images.push(`${run} ${image}`))
  await new Promise<void>((resolve) => void engine.on('modelSetChanged', () => resolve()))
  const run = (request: SampleRequest, during?: (run: WorkspaceRun) => void) =>
    new Promise<WorkspaceRun>((resolve, reject) => {
      engine.on('runChanged', (run) => {
        if (['done', 'failed', 'cancelled'].includes(run.status.state)) resolve(run)
        else during?.(run)
      })
      engine.api.startSample(request).catch(reject)
    })
  return { ...engine, previews, images, run }
}

describe('a sampling run', () => {
  let engine: Awaited<ReturnType<typeof openEngine>>
  let ended: WorkspaceRun
  beforeAll(async () => {
    engine = await openEngine()
    ended = await engine.run({ ...QUICK, count: 3, classes: [2, 5] })
  })

  it('ends and reports its results without a path', async () => {
    expect(ended).toMatchObject({
      finished: 3,
      request: { count: 3 },
      status: { state: 'done', finished: 3 },
    })
    expect(engine.images).toEqual([0, 1, 2].map((image) => `${ended.id} ${image}`))
    expect(JSON.stringify([ended, await engine.api.snapshot()])).not.toMatch(/"\/|\/tmp|resources/)
  })

  it('shows its grids while it runs', () => {
    const [first] = engine.previews
    expect(first).toMatchObject({ run: ended.id, stage: 'discriminative' })
    expect(first!.images.map(({ image }) => image)).toEqual([0, 1, 2])
    for (const { done, images } of engine.previews)
      for (const { tokens } of images) {
        expect(tokens).toHaveLength(256)
        if (done < 256) expect(tokens.findIndex((token) => token < 0)).toBe(done)
      }
    expect(engine.previews.at(-1)).toMatchObject({ stage: 'codes', done: 256 })
  })

  it('leaves images that can be listed and read', async () => {
    const { api } = engine
    expect(await api.listImages(ended.id)).toEqual([
      { image: 0, class: 2 },
      { image: 1, class: 5 },
      { image: 2, class: 2 },
    ])
    expect((await api.readImage(ended.id, 1)).slice(1, 4)).toEqual(new TextEncoder().encode('PNG'))
    const { discriminative, codes, ...rest } = await api.readRecord(ended.id, 1)
    expect(rest).toMatchObject({ image: 1, class: 5, recipe: { seed: 0 } })
    expect([discriminative?.tokens.length, codes.entropies?.length, codes.steps?.length]).toEqual([
      256, 256, 256,
    ])
    await expect(api.readImage(ended.id, 3)).rejects.toThrow(`run '${ended.id}': image 3 not found`)
  })

  it('is listed as done by the next engine, and a cancelled one as cancelled', async () => {
    const cancelled = await engine.run({ ...QUICK, count: 64 }, ({ id, finished }) => {
      if (finished > 0) void engine.api.cancelRun(id)
    })
    expect(cancelled.status.state).toBe('cancelled')
    const { runs, modelSet } = await createEngine({ workspace }).api.snapshot()
    expect(modelSet).toBeUndefined()
    expect(runs.map(({ id, status, finished }) => [id, status.state, finished])).toEqual([
      [cancelled.id, 'cancelled', cancelled.finished],
      [ended.id, 'done', 3],
    ])
    expect(runs[1]!.request).toEqual({ ...QUICK, count: 3, classes: [2, 5] })
  })
})

it('a broken folder is listed as a failed run, next to the others', async () => {
  const { path, write } = temporaryFolder()
  write('runs/a/run.json', '{"started":')
  write('runs/b/run.json', '{"started":"2026-01-01T00:00:00Z","spec":{"kind":"sample","count":"many"}}')
  write('runs/c/images/000004.png', 'no picture')
  write('runs/..d/run.json', '{}')
  write('runs/e', 'a file')
  mkdirSync(join(path, 'runs/f'))
  const { api } = createEngine({ workspace: path })
  const { runs } = await api.snapshot()
  const states = runs.map(({ id, status, finished }) => `${id} ${status.state} ${finished}`)
  expect(states.sort()).toEqual(['a failed 0', 'b failed 0', 'c failed 1', 'f failed 0'])
  expect(await api.listImages('c')).toEqual([{ image: 4 }])
  await expect(api.readRecord('c', 4)).rejects.toThrow('c/000004.png')
})

it('an id is never a path', async () => {
  const { path, write } = temporaryFolder()
  write('secret/images/000000.png', 'mine')
  const { api } = createEngine({ workspace: join(path, 'workspace') })
  for (const id of ['../secret', '..', '.', '', 'a/b', 'a\\b', path, 'a\0'])
    await expect(api.readImage(id, 0), id).rejects.toThrow('not a run id')
  expect((await api.snapshot()).runs).toEqual([])
})

it('no run starts before the models are open', async () => {
  const { path } = temporaryFolder()
  const { api } = createEngine({
    workspace: path,
    models: [demoFolder()],
    held: 'held back after two crashes',
  })
  expect(await api.snapshot()).toMatchObject({ modelSet: undefined, held: 'held back after two crashes' })
  await expect(api.startSample(QUICK)).rejects.toThrow('held back after two crashes')
  await api.openModels([demoFolder()])
  expect(await api.snapshot()).not.toHaveProperty('held')
  expect(readdirSync(path)).not.toContain('runs')
  writeFileSync(join(path, 'runs'), 'in the way')
  await expect(api.snapshot()).rejects.toThrow('cannot read the workspace')
})
