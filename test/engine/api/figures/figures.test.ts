// Figures of the workspace over the real engine: kept, laid out, exported, and the same bytes as the command's.
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createEngine } from '../../../../src/engine/api/index.ts'
import { readZip, openFile } from '../../../../src/engine/bytes/index.ts'
import { decodeImage } from '../../../../src/engine/images/index.ts'
import { runSample } from '../../../../src/engine/runs/sample.ts'
import type { ExportOptions, ExportTarget, WorkspaceExport } from '../../../../src/shared/run/exports.ts'
import type { LaidOut } from '../../../../src/shared/figures/figures.ts'
import { QUICK } from '../../../quick-request.ts'
import { BUILT } from '../../../built.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const folder = temporaryFolder()
const workspace = join(folder.path, 'workspace')
const engine = createEngine({ workspace, models: [] })
const { api } = engine
const callbacks = { signal: new AbortController().signal, progress: () => {} }

beforeAll(async () => {
  const out = join(workspace, 'runs', 'tiny')
  const model = resolve('test/fixtures/official-tiny')
  await runSample(
    { ...QUICK, kind: 'sample', model, count: 4, classes: [2, 0], shards: 1, shard: 0, out },
    callbacks,
  )
})

const shown = [0, 1, 2, 3].map((image) => ({ run: 'tiny', image }))
const GRID = { kind: 'grid', columns: 2, images: shown }
const CHART = {
  kind: 'chart',
  x: { label: 'x' },
  y: { label: 'y' },
  series: [
    {
      label: 'a',
      points: [
        [0, 1],
        [1, 2],
      ],
    },
  ],
}
const figure = (rows: unknown = [[GRID, CHART]], more: object = {}) =>
  JSON.stringify({ schema: 1, dpi: 100, rows, ...more })
const figureFile = (id: string, name = 'figure.json') => join(workspace, 'figures', id, name)

/** Exports and waits for the end. */
async function exported(
  target: ExportTarget,
  options: Partial<ExportOptions> = {},
): Promise<WorkspaceExport> {
  const end = new Promise<WorkspaceExport>((done) => {
    const stop = engine.on('exportChanged', (state) => {
      if (!['done', 'failed', 'cancelled'].includes(state.status?.state ?? '')) return
      stop()
      done(state)
    })
  })
  await api.startExport(target, { zip: false, replace: false, ...options })
  return end
}

async function readAll(target: ExportTarget, file: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for (let offset = 0; ;) {
    const piece = await api.readExportPiece(target, file, offset)
    if (piece.length === 0) return Buffer.concat(pieces)
    pieces.push(piece)
    offset += piece.length
  }
}

describe('a figure', () => {
  it('is created under a free name, copied, renamed, removed and restored', async () => {
    expect(await api.createFigure('kept', figure())).toBe('kept')
    expect(await api.createFigure('kept', figure([[CHART]]))).toBe('kept-2')
    expect(await api.copyFigure('kept')).toBe('kept-3')
    await expect(api.renameFigure('kept-3', 'kept')).rejects.toMatchObject({ name: 'ConflictError' })
    await api.renameFigure('kept-3', 'other')
    await api.removeFigure('other')
    await expect(api.readFigure('other')).rejects.toThrow("figure 'other' not found")
    await api.restoreFigure('other')
    const listed = await api.listFigures()
    expect(listed.map(({ id, panels, images }) => [id, panels, images]).sort()).toEqual([
      ['kept', ['grid', 'chart'], 4],
      ['kept-2', ['chart'], 0],
      ['other', ['grid', 'chart'], 4],
    ])
    expect((await decodeImage(await api.readFigureThumbnail('kept'))).width).toBe(560)
  })

  it('is saved only over the version that was edited', async () => {
    const id = await api.createFigure('saved', figure())
    const { revision } = await api.readFigure(id)
    const next = await api.saveFigure(id, figure([[CHART]]), revision)
    await expect(api.saveFigure(id, figure(), revision)).rejects.toMatchObject({ name: 'ConflictError' })
    expect(readFileSync(figureFile(id), 'utf8')).toBe(figure([[CHART]]))
    await api.saveFigure(id, figure(), next.revision)
    await expect(api.saveFigure(id, '{"schema":2}', next.revision)).rejects.toThrow(
      'made by a newer version of this program (found schema 2',
    )
    expect(readFileSync(figureFile(id), 'utf8')).toBe(figure())
  })

  it('that is broken or newer is listed with the problem, and stays unchanged', async () => {
    for (const [id, text] of [
      ['newer', '{"schema":7,"rows":[]}'],
      ['broken', '{"schema":1,'],
      ['empty', ''],
    ] as const) {
      mkdirSync(join(workspace, 'figures', id))
      writeFileSync(figureFile(id), text)
    }
    const problems = new Map((await api.listFigures()).map(({ id, problem }) => [id, problem]))
    expect(problems.get('newer')).toBe(
      'newer/figure.json: made by a newer version of this program (found schema 7, expected at most 1)',
    )
    expect(problems.get('broken')).toMatch(/^broken\/figure\.json: not valid JSON/)
    expect(problems.get('empty')).toMatch(/^empty\/figure\.json: not valid JSON/)
    expect((await api.readFigure('newer')).text).toBe('{"schema":7,"rows":[]}')
    for (const id of ['newer', 'broken', 'empty']) rmSync(join(workspace, 'figures', id), { recursive: true })
  })

  it('edited on the page shows only files in the workspace, unless its saved figure.json contains others', async () => {
    folder.write('mine.png', '')
    copyFileSync(join(workspace, 'runs/tiny/images/000000.png'), join(folder.path, 'mine.png'))
    const foreign = figure([[{ ...GRID, images: [{ file: '../../../mine.png' }] }]])
    await expect(api.createFigure('foreign', foreign)).rejects.toThrow('mine.png: outside the workspace')
    const id = await api.createFigure('foreign', figure())
    expect(await api.previewFigure(id, foreign)).toMatchObject({ problem: /outside the workspace/ })
    writeFileSync(figureFile(id), foreign)
    expect(await api.previewFigure(id, foreign)).toHaveProperty('list')
    for (const bad of ['../kept', '..', '', 'a/b', '.hidden'])
      await expect(api.readFigure(bad), bad).rejects.toThrow('not a valid figure name')
  })

  it('stores added pictures next to it, each only once', async () => {
    const id = await api.createFigure('pictures', figure())
    const png = readFileSync(join(workspace, 'runs/tiny/images/000001.png'))
    expect(await api.addFigurePicture(id, '../a photo.png', png)).toBe('pictures/a-photo.png')
    expect(await api.addFigurePicture(id, 'a photo.png', png)).toBe('pictures/a-photo.png')
    const other = readFileSync(join(workspace, 'runs/tiny/images/000002.png'))
    expect(await api.addFigurePicture(id, 'a photo.png', other)).toBe('pictures/a-photo-2.png')
    await expect(api.addFigurePicture(id, 'x.png', new Uint8Array(9))).rejects.toThrow('not a readable image')
    const preview = await api.previewFigure(
      id,
      figure([[{ ...GRID, images: [{ file: 'pictures/a-photo.png' }] }]]),
    )
    expect(preview).toHaveProperty('list')
  })
})

describe('a preview', () => {
  it('has the layout of the export, with images at screen size', async () => {
    const id = await api.createFigure('preview', figure())
    const { preview, list, words } = (await api.previewFigure(id, figure())) as LaidOut
    expect(
      list.panels.map(({ first, end }) => list.items.slice(first, end).some(({ kind }) => kind === 'image')),
    ).toEqual([true, false])
    const cells = list.items.flatMap((item, i) =>
      item.kind === 'image' ? [{ i, cell: item.cell, item }] : [],
    )
    expect(cells.map(({ cell }) => cell)).toEqual([0, 1, 2, 3])
    const painted = await api.paintFigure(
      preview,
      cells.map(({ i }) => i),
      144,
    )
    const { width } = await decodeImage(painted[3]!)
    expect(width).toBe(Math.round(cells[3]!.item.width * 2))
    expect(words.methods).toContain('Stage 1 with')
    await expect(api.paintFigure(preview, [cells.at(-1)!.i + 1], 144)).rejects.toThrow('not an image')
    await expect(api.paintFigure('gone', [0], 144)).rejects.toThrow('has expired')
  })

  it.each([
    [
      'an image that is not there',
      [[CHART, { ...GRID, images: [{ run: 'tiny', image: 77 }] }]],
      { image: 'tiny#77', problem: /tiny#77: cannot read tiny\/images\/000077\.png/ },
    ],
    [
      'a run that is gone',
      [[{ ...GRID, images: [{ run: 'gone', image: 0 }] }]],
      { image: 'gone#0', problem: /not a run folder/ },
    ],
    [
      'labels without images',
      [[CHART], [{ ...GRID, rowLabels: ['a', 'b', 'c'] }]],
      { panel: 1, problem: /3 row labels for 2 rows/ },
    ],
    [
      'an atlas that is gone',
      [[{ kind: 'map', atlas: { folder: '../../atlases/no-codes' } }]],
      { panel: 0, problem: /no-codes/ },
    ],
    ['a width of zero', [[CHART]], { problem: /page/ }, { page: { width: 0 } }],
    ['an unknown font', [[CHART]], { problem: /font\.family/ }, { font: { family: 'Comic Sans' } }],
    [
      'a character the font lacks',
      [[{ ...CHART, title: '猫' }]],
      { panel: 0, problem: /no glyph for '猫' \(U\+732B\)/ },
    ],
  ])('reports %s', async (_, rows, expected, more: object = {}) => {
    const id = await api.createFigure('wrong', figure())
    const answer = await api.previewFigure(id, figure(rows, more))
    expect(answer).toMatchObject(
      Object.fromEntries(
        Object.entries(expected).map(([key, value]) => [
          key,
          value instanceof RegExp ? expect.stringMatching(value) : value,
        ]),
      ),
    )
    expect(JSON.stringify(answer)).not.toContain(folder.path)
  })
})

describe('an export', () => {
  it('has the bytes of digit figure, as files and in the archive', async () => {
    const id = await api.createFigure('same', figure())
    const target = { kind: 'figure', figure: id } as const
    expect(await api.readExport(target)).toEqual({ target, files: [], notes: [] })
    const { status, files, current } = await exported(target, { zip: true })
    expect(status).toMatchObject({ state: 'done' })
    expect(current).toBe(true)
    const out = join(folder.path, 'command')
    execFileSync(process.execPath, [BUILT.command, 'figure', figureFile(id), '--out', out], {
      env: { ...process.env, DIGIT_WORKSPACE: workspace },
    })
    const made = readdirSync(out).sort()
    expect(files.map(({ name }) => name)).toEqual([...made, 'same.zip'])
    expect(made).toContain('same-2.csv')
    for (const { name, bytes } of files) {
      const found = await readAll(target, name)
      expect(found.length).toBe(bytes)
      if (name !== 'same.zip') expect(found.equals(readFileSync(join(out, name))), name).toBe(true)
    }
    const zip = await openFile(figureFile(id, 'same.zip'))
    expect([...(await readZip(zip)).keys()]).toEqual(made.map((name) => `same/${name}`))
    await zip.close()
    await expect(api.readExportPiece(target, 'figure.json', 0)).rejects.toThrow(
      "exported file 'figure.json' not found",
    )
  })

  it('overwrites an earlier export only with permission, and then removes all its files', async () => {
    const id = await api.createFigure('again', figure())
    const target = { kind: 'figure', figure: id } as const
    await exported(target)
    await expect(exported(target)).rejects.toMatchObject({
      name: 'ConflictError',
      message: '9 files of an earlier export already exist',
    })
    const before = await api.readFigure(id)
    await api.saveFigure(id, figure([[GRID]]), before.revision)
    expect((await api.readExport(target)).current).toBe(false)
    writeFileSync(figureFile(id, 'again-notes.md'), 'my own')
    const { files } = await exported(target, { replace: true, formats: ['pdf', 'paper'] })
    expect(files.map(({ name }) => name)).toEqual([
      'again.bib',
      'again.figure.json',
      'again.pdf',
      'again.tex',
      'again.txt',
    ])
    expect(readFileSync(figureFile(id, 'again-notes.md'), 'utf8')).toBe('my own')
  })

  it('can be cancelled, and a failure has a reason', async () => {
    const many = Array.from({ length: 200 }, (_, i) => shown[i % 4])
    const id = await api.createFigure('long', figure([[{ ...GRID, columns: 20, images: many }]]))
    const target = { kind: 'figure', figure: id } as const
    const stop = engine.on('exportChanged', ({ status }) => {
      if (status?.state === 'running' && status.step > 0) void api.cancelExport(target)
    })
    expect((await exported(target)).status?.state).toBe('cancelled')
    stop()
    appendFileSync(figureFile(id), 'no JSON')
    expect((await exported(target, { replace: true })).status).toMatchObject({
      state: 'failed',
      error: { message: expect.stringMatching(/^long\/figure\.json: not valid JSON/) as string },
    })
  })

  it.each(['folder', 'adm', 'codecs', 'html'] as const)(
    'of a run as %s equals that of digit export',
    async (as) => {
      const target = { kind: 'run', run: 'tiny', as } as const
      const { status, files } = await exported(target, { zip: true, ...(as === 'adm' ? { shuffle: 0 } : {}) })
      expect(status?.state).toBe('done')
      const out = join(folder.path, `command-${as}`)
      const words = [
        'export',
        join(workspace, 'runs/tiny'),
        '--as',
        as,
        '--out',
        out,
        ...(as === 'adm' ? ['--shuffle', '0'] : []),
      ]
      execFileSync(process.execPath, [BUILT.command, ...words])
      const made = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.includes('.'),
      )
      const into = join(workspace, 'exports', `tiny-${as}`)
      for (const name of made)
        expect(readFileSync(join(into, name)).equals(readFileSync(join(out, name))), name).toBe(true)
      expect(files.at(-1)!.name).toBe(`tiny-${as}.zip`)
      const copied = await api.copyExport(target, folder.path, false)
      expect(readdirSync(copied, { recursive: true }).length).toBe(
        readdirSync(out, { recursive: true }).length,
      )
      await expect(api.copyExport(target, folder.path, false)).rejects.toMatchObject({
        name: 'ConflictError',
      })
      await expect(exported(target)).rejects.toMatchObject({ name: 'ConflictError' })
    },
  )
})
