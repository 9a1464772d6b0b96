// Sample, the studio and Inspect; and the library of their runs.
import type { Page } from 'playwright-core'
import { images, startRun } from '../../../test/e2e/stage/workbench.ts'
import type { PageOfViews } from '../view.ts'

const SLOW = 600_000
/** The run in the pictures. */
let run = ''

export const sample: PageOfViews = {
  start: '#/sample',
  views: [
    { name: 'sample-empty', prepare: ({ tab }) => tab.getByText('Nothing sampled yet').waitFor() },
    { name: 'library-empty', prepare: ({ go }) => go('#/library') },
    { name: 'inspect-empty', prepare: ({ go }) => go('#/inspect') },
    {
      name: 'sample-running',
      async prepare({ tab, go }) {
        await go('#/sample')
        await tab.getByRole('radio', { name: 'By class' }).check()
        await tab.getByRole('button', { name: 'All', exact: true }).click()
        await tab.getByRole('radio', { name: 'Masked' }).check()
        await startRun(tab, { Images: 18, Seed: 3, Batch: 18 })
        await finish(tab, 18)
        await tab.getByRole('radio', { name: 'Unconditional' }).check()
        await tab.getByRole('radio', { name: 'Autoregressive' }).check()
        await startRun(tab, { Images: 16, Seed: 11 })
        await tab.getByText(/Running/).waitFor()
        await tab.locator('canvas[data-stage=discriminative]').first().waitFor()
      },
      settle: 1500,
    },
    {
      name: 'sample',
      async prepare({ tab }) {
        await finish(tab, 16)
        await tab.getByRole('radio', { name: 'By class' }).check()
        await tab.getByRole('option').nth(2).click()
      },
      settle: 700,
    },
    {
      name: 'library',
      async prepare({ tab, go }) {
        await go('#/library')
        await images(tab).nth(20).waitFor()
      },
      settle: 700,
    },
    {
      name: 'studio-running',
      async prepare({ tab, go }) {
        await images(tab).first().click()
        await tab.getByRole('heading', { name: 'Recipe' }).waitFor()
        run = new URL(tab.url()).hash.split('/')[2]!
        await go(`#/sample/${run}/5?cell=102`)
        await pinRectangle(tab)
        await tab.getByRole('button', { name: /^Resample/ }).click()
        await tab.locator('canvas[data-stage=codes]').first().waitFor({ timeout: SLOW })
      },
    },
    {
      name: 'studio',
      async prepare({ tab }) {
        await tab.getByText(/· 4 images$/).waitFor({ timeout: SLOW })
        await tab.getByText('Surviving tokens').waitFor()
      },
    },
    {
      name: 'studio-heat',
      async prepare({ tab, go }) {
        await go(`#/sample/${run}/5?cell=102&layer=entropy&grid=codes`)
        await tab.getByText('Surviving tokens').waitFor()
      },
    },
    {
      name: 'studio-variance',
      async prepare({ tab, go }) {
        await go(`#/sample/${run}/5?cell=102&tab=variance`)
        await tab.getByRole('button', { name: /^(Start|Run again): 16 images/ }).click()
        await tab.getByLabel('Shares of the variance').waitFor({ timeout: SLOW })
      },
      settle: 1500,
    },
    {
      name: 'inspect',
      async prepare({ tab, go }) {
        await go(`#/inspect/${run}/5?cell=102`)
        await tab.getByRole('heading', { name: 'Recipe' }).waitFor()
      },
      settle: 700,
    },
    {
      name: 'inspect-heat',
      prepare: ({ go }) => go(`#/inspect/${run}/5?cell=102&layer=log-probability&overlay=55`),
      settle: 600,
    },
    {
      name: 'inspect-same',
      prepare: ({ go }) => go(`#/inspect/${run}/5?cell=102&same=1`),
      settle: 600,
    },
    {
      name: 'keyboard',
      async prepare({ tab }) {
        await tab.keyboard.press('?')
        await tab.getByRole('dialog').waitFor()
      },
    },
  ],
}

async function finish(tab: Page, count: number): Promise<void> {
  await tab.getByText(new RegExp(`· ${count} images$`)).waitFor({ timeout: SLOW })
}

/** Pins the middle of the image. */
async function pinRectangle(tab: Page): Promise<void> {
  const grid = tab.getByRole('img', { name: 'Discriminative tokens' })
  await grid.waitFor()
  const { x, y, width } = (await grid.boundingBox())!
  const at = (cell: number) => (width * (cell + 0.5)) / 16
  await tab.mouse.move(x + at(4), y + at(3))
  await tab.mouse.down()
  await tab.mouse.move(x + at(11), y + at(9), { steps: 4 })
  await tab.mouse.up()
  await tab.keyboard.press('ArrowLeft')
}
