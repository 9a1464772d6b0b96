// A workspace that version 0.1 wrote, opened by this one: nothing in it is lost, whatever has new names since.
import { cpSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createEngine } from '../../../src/engine/api/index.ts'
import { readRecord } from '../../../src/engine/records/recipe.ts'
import { RunRecordSchema } from '../../../src/engine/records/run-folder.ts'
import { plannedCells } from '../../../src/engine/runs/sweep/sweep.ts'
import { readSweepRecord } from '../../../src/engine/runs/sweep/sweep-record.ts'
import { RunSpecSchema } from '../../../src/shared/run/run.ts'
import { namedAsIn } from '../../../src/shared/sweep/plan.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const FIXTURE = resolve('test/fixtures/workspace-0.1')
const SAMPLE = '20261129-042642-4b59'
const INTERVENTION = '20261129-042649-60cd'
const RECONSTRUCTION = '20261129-042653-ccdb'
const SWEEP = '20261129-042701-993a'
const ATLAS = 'set.a59324448286.18808b16-discriminative'

const workspace = join(temporaryFolder().path, 'workspace')
cpSync(FIXTURE, workspace, { recursive: true })
const { api } = createEngine({ workspace, models: [] })

const runOf = async (id: string) => (await api.snapshot()).runs.find((run) => run.id === id)!

describe('runs', () => {
  it('are listed with their images, and none has failed', async () => {
    const { runs, favourites } = await api.snapshot()
    expect(
      Object.fromEntries(runs.map(({ id, status, finished }) => [id, [status.state, finished]])),
    ).toEqual({
      'demo-ar': ['done', 1],
      'demo-decoded': ['done', 1],
      [SAMPLE]: ['done', 3],
      [INTERVENTION]: ['done', 2],
      [RECONSTRUCTION]: ['done', 1],
    })
    expect(favourites).toEqual([
      { run: SAMPLE, image: 2 },
      { run: INTERVENTION, image: 1 },
    ])
  })

  it.each([SAMPLE, INTERVENTION, RECONSTRUCTION, 'demo-ar', 'demo-decoded', `${SWEEP}@temperature20.9`])(
    '%s has every image, its tokens and its recipe',
    async (run) => {
      const images = await api.listImages(run)
      expect(images.length).toBeGreaterThan(0)
      for (const { image } of images) {
        expect((await api.readImage(run, image)).length).toBeGreaterThan(1000)
        const { discriminative, codes, recipe } = await api.readRecord(run, image)
        expect(codes.tokens).toHaveLength(256)
        if (run !== 'demo-decoded') expect(discriminative!.tokens).toHaveLength(256)
        expect(recipe).toMatchObject({ seed: 0, vqgan: expect.stringMatching(/^1565e8ae/) as string })
      }
    },
  )

  it('have the record of each token', async () => {
    const { discriminative, codes } = await api.readRecord(SAMPLE, 0)
    for (const grid of [discriminative!, codes])
      for (const values of [grid.logProbabilities, grid.ranks, grid.entropies])
        expect(values).toHaveLength(256)
    expect(codes.steps).toHaveLength(256)
    const [tokens] = await api.readTokens(SAMPLE, [0])
    expect(tokens!.discriminative).toEqual(discriminative!.tokens)
    expect(tokens!.codes).toEqual(codes.tokens)
  })

  it('have the requested settings', async () => {
    const ar = await runOf('demo-ar')
    expect(JSON.stringify(ar.request)).toContain('{"temperature":1.1,"topK":200,"topP":0}')
    expect(JSON.stringify(ar.request)).toContain('{"temperature":0.9,"topK":50,"topP":0}')
    expect((await runOf(SAMPLE)).request).toMatchObject({ stage2: 'nar', classes: [0, 2, 3], count: 3 })
    expect((await runOf(SAMPLE)).models!.map(({ role }) => role)).toEqual(['stage1', 'stage2', 'vqgan'])
  })

  it('of interventions keep the changes and the pinned tokens', async () => {
    const { request } = await runOf(INTERVENTION)
    expect(request!.from).toEqual({ run: SAMPLE, image: 1 })
    expect(request!.changes).toMatchObject([{ grid: 'discriminative', how: 'hand', cells: [5, 6] }])
    const [original, before, after] = await Promise.all([
      api.readRecord(SAMPLE, 1),
      api.readRecord(INTERVENTION, 0),
      api.readRecord(INTERVENTION, 1),
    ])
    expect(before.discriminative!.tokens).toEqual(original.discriminative!.tokens)
    const changed = [...before.discriminative!.tokens.keys()].filter(
      (cell) => before.discriminative!.tokens[cell] !== after.discriminative!.tokens[cell],
    )
    expect(changed).toEqual([5, 6])
    expect(after.discriminative!.pinned).toEqual(new Uint8Array(256).fill(1))
    expect(after.codes.pinned).toEqual(new Uint8Array(256).fill(1, 0, 128))
  })

  it('of reconstructions have the picture and the tokens of the result', async () => {
    expect((await runOf(RECONSTRUCTION)).pictures).toEqual(['animal.png'])
    expect((await api.readRecord(RECONSTRUCTION, 0)).drifted).toHaveLength(256)
    expect((await api.readSource(RECONSTRUCTION, 0)).length).toBeGreaterThan(1000)
  })

  it('in the trash can be restored', async () => {
    const [trashed] = await api.listTrash()
    expect(trashed).toMatchObject({ id: '20261129-042658-0555', run: { request: { seed: 9 } } })
    await api.restoreRun(trashed!.id)
    expect(await runOf(trashed!.id)).toMatchObject({ request: { seed: 9 } })
  })
})

describe('results of runs', () => {
  it('sweeps have their cells, settings and numbers', async () => {
    expect((await api.listSweeps()).map(({ id, cells }) => [id, cells])).toEqual([
      ['demo-sweep', 2],
      [SWEEP, 2],
    ])
    const { sweep, points } = await api.readSweep(SWEEP)
    expect(sweep).toMatchObject({ finished: 2, status: { state: 'done' }, measure: { protocol: 'dinov2' } })
    expect(sweep.axes[0]!.values).toEqual([0.9, 1.1])
    expect(points.map(({ values, images }) => [Object.values(values), images])).toEqual([
      [[0.9], 2],
      [[1.1], 2],
    ])
    for (const { measured } of points) expect(measured!.results.frechet_dinov2_distance).toBeCloseTo(619, -1)
  })

  it('a sweep resumes in its folders, although its axis has a new name', async () => {
    const { sweep } = await api.readSweep(SWEEP)
    expect(sweep.axes[0]!.name).toBe('stage2-temperature')
    const folder = join(workspace, 'sweeps', SWEEP)
    const record = (await readSweepRecord(folder))!
    const wider = { ...record.spec, axes: [{ name: 'stage2-temperature', values: [0.9, 1, 1.1] }] }
    const planned = namedAsIn(record.cells, plannedCells(wider))
    expect(planned.map(({ name }) => name)).toEqual([
      'temperature20.9',
      'stage2-temperature1',
      'temperature21.1',
    ])
  })

  it('runs of the command line can be resumed: their recipes are equal under the new names', async () => {
    for (const id of ['demo-ar', 'demo-decoded']) {
      const record = (await readRecord(join(workspace, 'runs', id, 'run.json'), RunRecordSchema))!
      expect(RunSpecSchema.parse(record.spec)).toEqual(record.spec)
    }
    const { recipe } = (await readRecord(join(workspace, 'runs', INTERVENTION, 'run.json'), RunRecordSchema))!
    expect(recipe).toMatchObject({ pinned: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
    expect(recipe).not.toHaveProperty('given')
  })

  it('measurements are listed with their samples and nearest images', async () => {
    const [measured, ...others] = await api.listMeasurements()
    expect(others).toEqual([])
    expect(measured).toMatchObject({ samples: { kind: 'run', run: SAMPLE } })
    expect(measured!.stamp.results.frechet_dinov2_distance).toBeGreaterThan(0)
    expect(readdirSync(join(workspace, 'nearest'))).toEqual([measured!.id])
  })

  it('an atlas is read with its table, its clusters and their labels', async () => {
    const [atlas, ...others] = await api.listAtlases()
    expect(others).toEqual([])
    expect(atlas).toMatchObject({ id: ATLAS, tokens: 'discriminative', status: { state: 'done' } })
    const { info, table } = await api.readAtlas(ATLAS)
    expect(info).toMatchObject({ entries: 24, images: 4, cells: 1024, classNames: ['animals', 'food'] })
    expect(table.cells.reduce((sum, cells) => sum + cells, 0)).toBe(1024)
    expect((await api.readCluster(ATLAS, 3)).positions).toHaveLength(256)
    expect((await api.readLabels(ATLAS)).labels).toMatchObject([{ entry: 3, label: 'sky', tags: ['plain'] }])
  })

  it('figures are drawn from the images that they contain', async () => {
    const [figure] = await api.listFigures()
    expect(figure).toMatchObject({
      id: 'samples',
      panels: ['grid', 'steps', 'cluster', 'intervention', 'reconstruction'],
    })
    const preview = await api.previewFigure('samples', (await api.readFigure('samples')).text)
    expect(preview).not.toHaveProperty('problem')
    expect(Object.keys((preview as { sizes: object }).sizes)).toHaveLength(6)
  })

  it('probes, kept pictures and sets of images are listed', async () => {
    expect(await api.listProbes()).toMatchObject([{ id: 'demo-probe', status: { state: 'done' } }])
    expect(await api.listPictures()).toMatchObject([{ id: '7d9566a4e4f06e81', name: 'kept.png' }])
    expect((await api.listImageSets()).map(({ name }) => name)).toContain('pictures')
  })
})
