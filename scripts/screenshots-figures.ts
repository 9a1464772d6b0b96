// Pictures of Figures for docs/screenshots: nothing yet, the list, the composer, choosing images, what is exported.
import type { Page } from 'playwright-core'
import { makeFigureRuns } from '../test/e2e/figure-runs.ts'
import { openWorkbench } from '../test/e2e/workbench.ts'
import { openViews, savePicture } from './screenshot-views.ts'

const workbench = await openWorkbench()
const runs = await makeFigureRuns(workbench.workspace, 24)
const views = await openViews(workbench, '#/figures')
const first = views[0]!.page

const images = (run: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ run, image: from + i }))
const figure = {
  schema: 1,
  selection: 'the first 12 images of the run, uncurated',
  rows: [
    [
      {
        kind: 'grid',
        title: 'Samples by class',
        columns: 4,
        columnLabels: ['smileys', 'animals', 'food', 'objects'],
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
}
const table = {
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

await shoot('figures-empty', (page) => page.getByText('No figures yet').waitFor())
await open('samples', figure)
await open('results', table)
await open('variance', {
  schema: 1,
  page: { preset: 'cvpr-column' },
  rows: [[{ kind: 'variance', groups: [{ label: 'samples', images: images(runs.classes, 16) }] }]],
})
await shoot('figures', async (page) => {
  await page.goto(page.url().replace(/#.*/, '#/figures'))
  await page.reload()
  await page.getByRole('list', { name: 'Figures of the workspace' }).locator('img').nth(2).waitFor()
})
await shoot('figure', async (page) => {
  await page.getByRole('link', { name: 'Open samples' }).click()
  await page.getByRole('button', { name: /^Panel \(a\) cell 12/ }).waitFor()
  await page.waitForTimeout(2500)
})
await shoot('figure-choose', async (page) => {
  await page.getByRole('button', { name: 'Choose images' }).click()
  await page.getByRole('combobox', { name: 'How images are chosen' }).selectOption('hand')
  for (const image of [3, 0, 6])
    await page.getByRole('button', { name: `Image ${image}`, exact: true }).click()
  await page.waitForTimeout(800)
})
await shoot('figure-page', async (page) => {
  await page.keyboard.press('Escape')
  await page.getByRole('radio', { name: 'Page' }).check()
})
await shoot('figure-words', async (page) => {
  await page.getByRole('radio', { name: 'Words' }).check()
})
await shoot('figure-chart', async (page) => {
  await page.getByRole('radio', { name: 'Panels' }).check()
  await page.getByRole('button', { name: '(d) Trade-off' }).click()
  await page.waitForTimeout(300)
})
await shoot('figure-wrong', async (page) => {
  await page.getByRole('button', { name: '(a) Samples by class' }).click()
  await page.getByLabel('Beside rows').fill('one\ntwo\nthree\nfour')
  await page.getByRole('alert').waitFor()
  await page.waitForTimeout(300)
})
await shoot('figure-export', async (page) => {
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('alert').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Export' }).click()
  if (page === first) {
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click()
  }
  await page.getByRole('region', { name: 'Exported files' }).waitFor()
})

await workbench.close()
if (workbench.errors.length > 0) throw new Error(`pages logged errors:\n${workbench.errors.join('\n')}`)

/** Takes a figure.json as a person opens one. */
async function open(name: string, json: object): Promise<void> {
  await first.goto(first.url().replace(/#.*/, '#/figures'))
  const chooser = first.waitForEvent('filechooser')
  await first.getByRole('button', { name: 'Open figure.json' }).click()
  await (
    await chooser
  ).setFiles({
    name: `${name}.json`,
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(json)),
  })
  await first.getByRole('heading', { level: 1, name }).waitFor()
}

/** The same view in every window. */
async function shoot(name: string, prepare: (page: Page) => Promise<unknown>): Promise<void> {
  for (const view of views) {
    await prepare(view.page)
    await savePicture(name, view)
  }
  console.log(name)
}
