// The pictures of docs/tutorial.md, taken by following it step by step:
//
//   npm run screenshots -- --docs 'tutorial-*' --windows 1440-light
import type { Page } from 'playwright-core'
import { images, startRun } from '../../../test/e2e/stage/workbench.ts'
import type { PageOfViews } from '../view.ts'

const SLOW = 900_000
/** Pictures and charts fade in. */
const SETTLE = 2000
/** Title of the run that the tutorial samples. */
const BY_CLASS = /\d classes/
/** The image that the tutorial inspects and edits, and a picture of the demo. */
const IMAGE = 9
const PICTURE = 3
const MIDDLE = { row: 7, column: 7 }
/** Address of the atlas, and of the cluster in the middle of the picture. */
let atlas = ''
let cluster = ''

export const tutorial: PageOfViews = {
  start: '#/sample',
  views: [
    {
      name: 'tutorial-sample-running',
      async prepare({ tab }) {
        await tab.getByRole('radio', { name: 'By class' }).check()
        await tab.getByRole('button', { name: 'All', exact: true }).click()
        await startRun(tab, { Images: 16, Seed: 0 })
        await tab.locator('canvas[data-stage=discriminative]').first().waitFor({ timeout: SLOW })
      },
      settle: 4000,
    },
    {
      name: 'tutorial-sample',
      prepare: ({ tab }) => tab.getByText(/· 16 images$/).waitFor({ timeout: SLOW }),
      settle: SETTLE,
    },
    {
      name: 'tutorial-inspect',
      async prepare({ tab }) {
        await images(tab).nth(IMAGE).click()
        await tab
          .getByRole('button', { name: 'Inspect' })
          .or(tab.getByRole('link', { name: 'Inspect' }))
          .last()
          .click()
        await tab.getByRole('heading', { name: 'Recipe' }).waitFor()
      },
      place: ({ tab }) => point(tab, 'Discriminative tokens', MIDDLE),
      settle: SETTLE,
    },
    {
      name: 'tutorial-studio',
      async prepare({ tab }) {
        await tab
          .getByRole('button', { name: 'Edit' })
          .or(tab.getByRole('link', { name: 'Edit' }))
          .first()
          .click()
        await point(tab, 'Discriminative tokens', { row: 0, column: 0 })
        await tab.mouse.down()
        await point(tab, 'Discriminative tokens', { row: 7, column: 15 })
        await tab.mouse.up()
        await tab.getByRole('button', { name: /^Resample 128/ }).click()
        await tab.getByText(/· 4 images$/).waitFor({ timeout: SLOW })
        await point(tab, 'Discriminative tokens', MIDDLE)
        await tab.mouse.down()
        await tab.mouse.up()
        await tab.getByText('Surviving tokens').waitFor()
      },
      settle: SETTLE,
    },
    {
      name: 'tutorial-clusters',
      async prepare({ tab, go }) {
        await go('#/clusters')
        await tab.getByRole('button', { name: /^Build an atlas/ }).click()
        await tab.getByRole('table', { name: 'Clusters' }).waitFor({ timeout: SLOW })
      },
      settle: SETTLE,
    },
    {
      name: 'tutorial-regions',
      async prepare({ tab }) {
        await tab
          .getByRole('button', { name: 'Pictures', exact: true })
          .or(tab.getByRole('link', { name: 'Pictures', exact: true }))
          .first()
          .click()
        for (let i = 0; i < PICTURE; i++) await tab.getByRole('button', { name: 'Next picture' }).click()
        await tab.getByRole('img', { name: 'Principal components' }).waitFor({ timeout: SLOW })
        await tab.waitForTimeout(SETTLE)
        await point(tab, 'Principal components', MIDDLE)
        await tab.mouse.down()
        await tab.mouse.up()
      },
      place: ({ tab }) => point(tab, 'Regions', MIDDLE),
      settle: SETTLE,
    },
    {
      name: 'tutorial-cluster',
      async prepare({ tab, go }) {
        await tab.mouse.down()
        await tab.mouse.up()
        await tab.getByRole('heading', { name: /^Cluster \d/ }).waitFor()
        // The page without the region that led to it, as in the tutorial.
        cluster = new URL(tab.url()).hash.split('?')[0]!
        atlas = cluster.replace(/\/\d+$/, '')
        await go(cluster)
      },
      settle: SETTLE,
    },
    {
      name: 'tutorial-map',
      async prepare({ tab, go }) {
        await go(`${atlas}?view=map`)
        await tab.getByText('UMAP').waitFor()
      },
      settle: SETTLE,
    },
    {
      name: 'tutorial-curve',
      async prepare({ tab, go }) {
        await go('#/curves')
        await tab.getByRole('textbox', { name: 'Values of Temperature' }).fill('0.6, 1, 1.4')
        await tab.getByRole('spinbutton', { name: 'Images' }).first().fill('16')
        await tab.getByRole('button', { name: 'Start the sweep' }).click()
        await tab.getByRole('img', { name: /3 points$/ }).waitFor({ timeout: SLOW })
        await tab.getByRole('table', { name: 'Points' }).getByRole('button').nth(1).click()
      },
      settle: SETTLE,
    },
    {
      name: 'tutorial-measurement',
      async prepare({ tab, go }) {
        await go('#/evaluate')
        const samples = tab.getByLabel('Samples', { exact: true })
        const run = await samples.locator('option', { hasText: BY_CLASS }).first().getAttribute('value')
        await samples.selectOption(run)
        await tab
          .getByText(/16 images/)
          .first()
          .waitFor()
        await tab.getByRole('button', { name: 'Measure', exact: true }).click()
        await tab.getByRole('list', { name: 'Farthest samples' }).waitFor({ timeout: SLOW })
      },
      settle: SETTLE,
    },
    {
      name: 'tutorial-figure',
      async prepare({ tab, go }) {
        await go('#/figures')
        await tab.getByRole('button', { name: 'New figure' }).first().click()
        await tab.getByRole('dialog').getByLabel('Name').fill('teaser')
        await tab.getByRole('button', { name: /^Sample grid/ }).click()
        await tab.getByRole('button', { name: 'Choose images' }).click()
        const dialog = tab.getByRole('dialog')
        await dialog.getByRole('combobox', { name: 'How images are chosen' }).selectOption('order')
        const runs = dialog.getByRole('combobox', { name: 'Run' })
        await runs.selectOption(
          await runs.locator('option', { hasText: BY_CLASS }).first().getAttribute('value'),
        )
        await dialog.getByRole('spinbutton', { name: 'Images' }).fill('8')
        await dialog.getByRole('button', { name: 'Show these 8' }).click()
        await tab
          .getByRole('button', { name: /cell 8:/ })
          .first()
          .waitFor()
      },
      settle: SETTLE,
    },
  ],
}

/** Puts the pointer on a cell of a grid of 16 x 16. */
async function point(
  tab: Page,
  grid: string,
  { row, column }: { row: number; column: number },
): Promise<void> {
  const image = tab.getByRole('img', { name: grid, exact: true })
  await image.waitFor()
  const { x, y, width, height } = (await image.boundingBox())!
  await tab.mouse.move(x + (width * (column + 0.5)) / 16, y + (height * (row + 0.5)) / 16, { steps: 4 })
}
