// Makes the gallery in docs/figures: runs of the demo, and one figure of each kind.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeFigure } from '../../src/engine/paper/figure.ts'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { DEMO_CLASSES, DEMO_LABELS, demoPicture } from '../../test/demo.ts'
import { likelihoodChart, picturesOf, tokenizerTable } from './measures.ts'
import { AIM, LINEAR_PROBE, TABLE, TRADE_OFF } from './published.ts'
import { entropies, runsIn, telling, withSquareOf } from './runs.ts'

const OUT = resolve('docs/figures')
const PER_CLASS = 4

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'digit-figures-'))
const runs = runsIn(folder)
const refs = (run: string, images: readonly number[]) => images.map((image) => ({ run, image }))
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Image i has class i mod the number of classes, so columns are classes. */
const byClass = await runs.sample('classes', {
  classes: upTo(DEMO_CLASSES.length),
  count: DEMO_CLASSES.length * PER_CLASS,
  stage1Sampling: { temperature: 1, topK: 300, topP: 0 },
  seed: 1,
})
await runs.sample('ar', { count: 2, seed: 4 })
await runs.sample('nar', {
  count: 2,
  seed: 4,
  stage2: 'nar',
  stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
})
await runs.sample('one-stage1', { count: 16, seed: 2, commonNoise: 'stage1' })
await runs.sample('one-stage2', { count: 16, seed: 2, commonNoise: 'stage2' })
const square = [4, 4, 8] as const
const before = byClass.slice(0, 3)
await runs.sample('swapped', {
  classes: upTo(DEMO_CLASSES.length),
  count: 3,
  seed: 1,
  stage1Sampling: { temperature: 1, topK: 300, topP: 0 },
  pinned: before.map((record, i) => withSquareOf(record, byClass[i + DEMO_CLASSES.length - 1]!, square)),
})
const pictures = [0, 2, 3].map((label) => demoPicture(label, 4))
await runs.reconstruct('pictures', pictures)

const measured = picturesOf(folder)
const cluster = telling(byClass, DEMO_LABELS)
await runs.atlas('atlas', join(demoFolder(), 'images'))
const neurips = (share?: number) => ({ preset: 'neurips', ...(share === undefined ? {} : { share }) })

const figures: Readonly<Record<string, object>> = {
  samples: {
    selection: `the first ${PER_CLASS} images of each class, uncurated`,
    rows: [
      [
        {
          kind: 'grid',
          columns: DEMO_CLASSES.length,
          columnLabels: DEMO_CLASSES,
          images: refs('classes', upTo(DEMO_CLASSES.length * PER_CLASS)),
        },
      ],
    ],
  },
  reconstruction: {
    page: { preset: 'cvpr-column' },
    rows: [[{ kind: 'reconstruction', images: refs('pictures', upTo(pictures.length)) }]],
  },
  steps: {
    rows: [
      [
        {
          kind: 'steps',
          rowLabels: ['autoregressive', 'masked'],
          at: [0.125, 0.25, 0.5, 0.75, 0.875, 1],
          images: [...refs('ar', [1]), ...refs('nar', [1])],
        },
      ],
    ],
  },
  variance: {
    page: { preset: 'cvpr-column' },
    rows: [
      [
        {
          kind: 'variance',
          groups: [
            { label: 'stage 2 varies', images: refs('one-stage1', upTo(16)) },
            { label: 'stage 1 varies', images: refs('one-stage2', upTo(16)) },
          ],
        },
      ],
    ],
  },
  cluster: {
    rows: [
      [
        {
          kind: 'cluster',
          title: `Cluster ${cluster.token} of 1024: ${cluster.name}`,
          token: cluster.token,
          columns: 8,
          images: refs('classes', cluster.images.slice(0, 8)),
        },
      ],
    ],
  },
  intervention: {
    page: neurips(0.6),
    rows: [
      [
        {
          kind: 'intervention',
          pairs: upTo(3).map((image) => ({
            before: { run: 'classes', image },
            after: { run: 'swapped', image },
            label: DEMO_CLASSES[image],
          })),
        },
      ],
    ],
  },
  insets: {
    page: { preset: 'cvpr-column' },
    rows: [
      [
        {
          kind: 'grid',
          columns: 3,
          images: [...refs('pictures', [0, 1, 2])],
          insets: upTo(3).map((cell) => ({ cell, region: { x: 22, y: 14, width: 18, height: 18 } })),
        },
      ],
      [
        {
          kind: 'grid',
          columns: 3,
          images: [...refs('pictures', [0, 1, 2])],
          overlay: { grid: 'discriminative', tokens: [], opacity: 0.6 },
        },
      ],
    ],
  },
  curves: {
    rows: [
      [
        {
          kind: 'chart',
          title: 'Published results',
          x: { label: 'FID ↓' },
          y: { label: 'Inception Score ↑' },
          series: TRADE_OFF,
        },
        {
          kind: 'chart',
          title: 'Linear probe',
          x: { label: 'parameters (millions)', scale: 'log', from: 150 },
          y: { label: 'top-1 accuracy (%)' },
          series: LINEAR_PROBE,
          references: [AIM],
        },
        {
          kind: 'chart',
          title: 'Entropy of a draw (demo)',
          x: { label: 'position', from: 0, to: 256 },
          y: { label: 'nats', from: 0 },
          series: [
            { label: 'stage 1', points: entropies(byClass, 'discriminative', 8), marks: false },
            { label: 'stage 2', points: entropies(byClass, 'codes', 8), marks: false, line: 'dashed' },
          ],
        },
      ],
    ],
  },
  map: {
    page: { preset: 'cvpr-column' },
    rows: [
      [
        {
          kind: 'map',
          title: 'Codebook of the demo, by the pictures it was made from',
          atlas: { folder: 'atlas' },
        },
      ],
    ],
  },
  measures: {
    page: neurips(0.9),
    rows: [[await tokenizerTable(runs, measured)], [await likelihoodChart(folder, measured)]],
  },
  table: { page: neurips(0.8), rows: [[{ kind: 'table', ...TABLE }]] },
}

mkdirSync(OUT, { recursive: true })
for (const [name, figure] of Object.entries(figures)) {
  const path = join(folder, `${name}.json`)
  writeFileSync(path, JSON.stringify({ schema: 1, ...figure }))
  const { notes } = await makeFigure({
    path,
    out: join(folder, 'figures'),
    formats: ['pdf', 'svg', 'png', 'paper'],
    force: true,
    workspace: folder,
  })
  for (const ending of ['png', 'pdf'])
    copyFileSync(join(folder, 'figures', `${name}.${ending}`), join(OUT, `${name}.${ending}`))
  console.log([name, ...notes].join('\n  '))
}
if (process.argv[2] === undefined) rmSync(folder, { recursive: true })
