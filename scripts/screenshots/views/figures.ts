// Figures: nothing yet, the list, the composer, choosing images, problems, exports.
import { DEMO_CLASSES } from '../../../test/demo.ts'
import { makeFigureRuns, type FigureRuns } from '../../../test/e2e/stage/figure-runs.ts'
import type { PageOfViews, Stage } from '../view.ts'

let runs: FigureRuns | undefined
const images = (run: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ run, image: from + i }))

export const figures: PageOfViews = {
  start: '#/figures',
  before: async (workspace) => (runs = await makeFigureRuns(workspace, 24)),
  views: [
    { name: 'figures-empty', prepare: ({ tab }) => tab.getByText('No figures yet').waitFor() },
    {
      name: 'figures',
      async prepare(stage) {
        await open(stage, 'samples', samples(runs!))
        await open(stage, 'results', RESULTS)
        await open(stage, 'variance', variance(runs!))
        await stage.go('#/figures')
        await stage.tab.reload()
        await stage.tab
          .getByRole('list', { name: 'Figures of the workspace' })
          .locator('img')
          .nth(2)
          .waitFor()
      },
    },
    {
      name: 'figure',
      async prepare({ tab }) {
        await tab.getByRole('link', { name: 'Open samples' }).click()
        await tab.getByRole('button', { name: /^Panel \(a\) cell 12/ }).waitFor()
      },
      settle: 2500,
    },
    {
      name: 'figure-choose',
      async prepare({ tab }) {
        await tab.getByRole('button', { name: 'Choose images' }).click()
        await tab.getByRole('combobox', { name: 'How images are chosen' }).selectOption('hand')
        for (const image of [3, 0, 6])
          await tab.getByRole('button', { name: `Image ${image}`, exact: true }).click()
      },
      settle: 800,
      afterwards: ({ tab }) => tab.keyboard.press('Escape'),
    },
    { name: 'figure-page', prepare: ({ tab }) => tab.getByRole('radio', { name: 'Page' }).check() },
    { name: 'figure-words', prepare: ({ tab }) => tab.getByRole('radio', { name: 'Text' }).check() },
    {
      name: 'figure-chart',
      async prepare({ tab }) {
        await tab.getByRole('radio', { name: 'Panels' }).check()
        await tab.getByRole('button', { name: '(d) Trade-off' }).click()
      },
    },
    {
      name: 'figure-wrong',
      async prepare({ tab }) {
        await tab.getByRole('button', { name: '(a) Samples by class' }).click()
        await tab.getByLabel('Row labels').fill('one\ntwo\nthree\nfour')
        await tab.getByRole('alert').waitFor()
      },
    },
    {
      name: 'figure-export',
      async prepare({ tab }) {
        await tab.getByRole('button', { name: 'Undo' }).click()
        await tab.getByRole('alert').waitFor({ state: 'detached' })
        await tab.getByRole('button', { name: 'Export' }).click()
        await tab.getByRole('dialog').getByRole('button', { name: 'Export' }).click()
        await tab.getByRole('region', { name: 'Exported files' }).waitFor()
      },
    },
  ],
}

/** Opens a figure.json like a user. */
async function open({ tab, go }: Stage, name: string, json: object): Promise<void> {
  await go('#/figures')
  const chooser = tab.waitForEvent('filechooser')
  await tab.getByRole('button', { name: 'Open figure.json' }).click()
  const buffer = Buffer.from(JSON.stringify(json))
  await (await chooser).setFiles({ name: `${name}.json`, mimeType: 'application/json', buffer })
  await tab.getByRole('heading', { level: 1, name }).waitFor()
}

const variance = (runs: FigureRuns) => ({
  schema: 1,
  page: { preset: 'cvpr-column' },
  rows: [[{ kind: 'variance', groups: [{ label: 'samples', images: images(runs.classes, 16) }] }]],
})

const samples = (runs: FigureRuns) => ({
  schema: 1,
  selection: 'the first 12 images of the run, uncurated',
  rows: [
    [
      {
        kind: 'grid',
        title: 'Samples by class',
        columns: 4,
        columnLabels: [0, 2, 3, 6].map((label) => DEMO_CLASSES[label]!),
        images: images(runs.classes, 12),
      },
      { kind: 'reconstruction', title: 'Pictures and back', images: images(runs.pictures, 2) },
    ],
    [
      {
        kind: 'steps',
        title: 'Decoding',
        rowLabels: ['autoregressive', 'masked'],
        images: [...images(runs.classes, 1, 4), ...images(runs.masked, 1)],
      },
      {
        kind: 'chart',
        title: 'Trade-off',
        x: { label: 'FID ↓' },
        y: { label: 'Inception Score ↑' },
        series: [
          {
            label: 'autoregressive',
            points: [
              [3.4, 190],
              [3.9, 214],
              [4.9, 236],
              [6.6, 251],
            ],
          },
          {
            label: 'masked',
            line: 'dashed',
            points: [
              [4.6, 160],
              [5.1, 183],
              [6.4, 207],
              [8.2, 219],
            ],
          },
        ],
      },
    ],
  ],
})

const RESULTS = {
  schema: 1,
  page: { preset: 'cvpr-column' },
  rows: [
    [
      {
        kind: 'table',
        columns: [{ label: 'model' }, { label: 'FID ↓', best: 'lowest' }, { label: 'IS ↑', best: 'highest' }],
        rows: [
          ['VQGAN', 15.78, 78.3],
          ['MaskGIT', 6.18, 182.1],
          ['DiGIT', 3.39, 205.96],
        ],
      },
    ],
  ],
}
