import { cpSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openAtlas } from '../../../src/engine/runs/atlas/atlas-read.ts'
import { runAtlas } from '../../../src/engine/runs/atlas/atlas.ts'
import { makeFigure } from '../../../src/engine/paper/figure.ts'
import { withData } from '../../../src/engine/paper/figure-data.ts'
import type { Stamp } from '../../../src/shared/evaluation/evaluation.ts'
import { runTokenize } from '../../../src/engine/runs/tokenize.ts'
import { checkFigure } from '../../../src/shared/figures/figure.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { DEMO_CLASSES } from '../../demo.ts'

const folder = temporaryFolder()
const set = (path: string, n: number) =>
  ({ path, n, sha256: 'a'.repeat(64), kind: 'images', crop: 'as they are' }) as const
const stamp = (fid: number, n = 50_000): Stamp => ({
  schema: 1,
  key: String(fid),
  results: { frechet_inception_distance: fid, inception_score_mean: 100 - fid },
  metric: 'torch-fidelity',
  samples: set('/runs/a', n),
  reference: set('/data/val', 50_000),
  extractor: { name: 'Inception-v3', file: 'w.pth', sha256: 'b'.repeat(64), input: '', provider: 'cpu' },
  settings: {},
  badges: [],
  versions: {},
  total_time: 1,
  timestamp: 0,
})
/** The last line was cut off while it was written. */
const metrics = (name: string, ...stamps: Stamp[]) =>
  folder.write(
    `${name}/metrics.jsonl`,
    stamps.map((line) => `${JSON.stringify(line)}\n`).join('') + '{"schema"',
  )

metrics('a', stamp(70), stamp(60))
metrics('b', stamp(20))
metrics('few', stamp(30, 1000))

const chart = (files: object[], fields: object = {}) =>
  checkFigure(
    {
      schema: 1,
      rows: [
        [
          {
            kind: 'chart',
            x: { label: 'updates' },
            y: { label: 'FID' },
            series: [
              {
                label: 'base',
                measured: { protocol: 'torch-fidelity', files, y: 'frechet_inception_distance', ...fields },
              },
            ],
          },
        ],
      ],
    },
    'f.json',
  )
const measured = async (files: object[], fields?: object) => {
  const { rows } = await withData(chart(files, fields), folder.path)
  const [panel] = rows[0]!
  if (panel?.kind !== 'chart') throw new Error('no chart')
  return panel.series[0]!
}

it('uses the last measurement of each file, and their common protocol', async () => {
  const files = [
    { file: 'a/metrics.jsonl', x: 1000 },
    { file: 'b/metrics.jsonl', x: 2000 },
  ]
  const { points, protocol, measured: rest } = await measured(files)
  expect(points).toEqual([
    [1000, 60],
    [2000, 20],
  ])
  expect(protocol).toBe(
    'torch-fidelity, n = 50000, against val (sha256 aaaaaaaaaaaa), Inception-v3 (sha256 bbbbbbbbbbbb), as they are',
  )
  expect(rest).toBeUndefined()
})

it('draws a trade-off of two results', async () => {
  const { points } = await measured([{ file: 'b/metrics.jsonl' }], { x: 'inception_score_mean' })
  expect(points).toEqual([[80, 20]])
})

it('a figure of measurements is drawn, and the figure.json next to it contains the points', async () => {
  const figure = chart([
    { file: 'a/metrics.jsonl', x: 1 },
    { file: 'b/metrics.jsonl', x: 2 },
  ])
  const path = folder.write('curve.json', JSON.stringify(figure))
  const options = { path, formats: ['paper'] as const, force: true, workspace: dirname(path) }
  await makeFigure({ ...options, out: join(folder.path, 'out') })
  const again = join(folder.path, 'out', 'curve.figure.json')
  expect((await makeFigure({ ...options, path: again, out: join(folder.path, 'again') })).notes).toEqual([])
})

describe('refuses', () => {
  it.each([
    [
      [
        { file: 'a/metrics.jsonl', x: 1 },
        { file: 'few/metrics.jsonl', x: 2 },
      ],
      {},
      'values of different protocols cannot be connected',
    ],
    [
      [{ file: 'a/metrics.jsonl', x: 1 }],
      { y: 'fid' },
      /no fid measured with torch-fidelity \(found frechet_inception/,
    ],
    [[{ file: 'a/metrics.jsonl', x: 1 }], { protocol: 'adm' }, 'no measurement with adm'],
    [[{ file: 'a/metrics.jsonl' }], {}, "series 'base': x value of a/metrics.jsonl is missing"],
    [[{ file: 'none.jsonl', x: 1 }], {}, /none\.jsonl: cannot be read/],
  ])('%j %j', async (files, fields, message) => {
    await expect(measured(files, fields)).rejects.toThrow(message)
  })
})

describe('a map of an atlas', () => {
  const callbacks = { signal: new AbortController().signal, progress: () => {} }
  const model = resolve('test/fixtures/official-tiny')
  const at = (name: string) => join(folder.path, name)
  const map = (atlas: object) => checkFigure({ schema: 1, rows: [[{ kind: 'map', atlas }]] }, 'f.json')

  it('has a point for each entry, in the color of its class, or gray without one', async () => {
    const demo = resolve('resources/demo/images')
    const [one, two] = readdirSync(demo).sort() as [string, string]
    for (const name of [`${one}/000.png`, `${one}/001.png`, `${two}/000.png`])
      cpSync(join(demo, name), at(`pictures/${name}`))
    const fields = { model, device: 'cpu', batchSize: 4, weightBits: 32 } as const
    await runTokenize({ kind: 'tokenize', ...fields, out: at('tokens'), images: [at('pictures')] }, callbacks)
    const asked = { dataset: at('tokens'), tokens: 'discriminative', umap: false, seed: 0 } as const
    await runAtlas({ kind: 'atlas', model, device: 'cpu', out: at('atlas'), ...asked }, callbacks)
    const { rows } = await withData(map({ folder: 'atlas', plane: 'pca' }), folder.path)
    const [panel] = rows[0]!
    if (panel?.kind !== 'map') throw new Error('no map')
    const atlas = await openAtlas(at('atlas'))
    const { topClass, pca, cells } = await atlas.table()
    expect(panel.points).toHaveLength(atlas.info.entries)
    expect(panel.atlas).toBeUndefined()
    panel.points.forEach(([x, y, group], k) => {
      expect([x, y]).toEqual([pca[2 * k], pca[2 * k + 1]])
      const label = topClass[k]!
      const expected = cells[k] === 0 || label < 0 ? 'no class' : DEMO_CLASSES[label]
      expect(panel.groups[group]).toBe(expected)
    })
    await expect(withData(map({ folder: 'atlas' }), folder.path)).rejects.toThrow('no UMAP layout')
  })

  it('is refused if there is no atlas', async () => {
    await expect(withData(map({ folder: 'nowhere' }), folder.path)).rejects.toThrow('no finished atlas')
  })
})
