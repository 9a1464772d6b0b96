// Pictures of every page for docs/screenshots, over the demo: light and dark, in a large and a small window.
import type { Page } from 'playwright-core'
import { images, openWorkbench, startRun } from '../test/e2e/workbench.ts'
import { openViews, savePicture } from './screenshot-views.ts'

const workbench = await openWorkbench()
const views = await openViews(workbench, '#/sample')
const [first] = views

/** The same view in every window. */
async function shoot(name: string, prepare: (page: Page) => Promise<unknown>): Promise<void> {
  for (const view of views) {
    await prepare(view.page)
    await view.page.evaluate('document.activeElement?.blur()')
    await view.page.mouse.move(700, view.page.viewportSize()!.height - 2)
    await view.page.waitForTimeout(250)
    await savePicture(name, view)
  }
  console.log(name)
}

async function finish(page: Page, count: number): Promise<void> {
  await page.getByText(new RegExp(`· ${count} images$`)).waitFor({ timeout: 120_000 })
  await page.waitForTimeout(500)
}

await shoot('sample-empty', (page) => page.getByText('Nothing sampled yet').waitFor())
await shoot('library-empty', (page) => page.goto(`${base()}#/library`))
await shoot('inspect-empty', (page) => page.goto(`${base()}#/inspect`))
await shoot('models', async (page) => {
  await page.goto(`${base()}#/models`)
  await page.getByRole('heading', { name: 'Files' }).waitFor()
})

const tab = first!.page
for (const { page } of views) await page.goto(`${base()}#/sample`)
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
await tab.waitForTimeout(1500)
await shoot('sample-running', async () => {})
await finish(tab, 16)
await shoot('sample', async (page) => {
  await page.getByRole('radio', { name: 'By class' }).check()
  await page.getByRole('option').nth(2).click()
  await finish(page, 16)
})
await shoot('library', async (page) => {
  await page.goto(`${base()}#/library`)
  await images(page).nth(20).waitFor()
  await page.waitForTimeout(700)
})
const run = await newestRun()
const studio = `${base()}#/sample/${run}/5`
await shoot('studio-running', async (page) => {
  await page.goto(`${studio}?cell=102`)
  await pinRectangle(page)
  if (page !== tab) return
  await page.getByRole('button', { name: /^Resample/ }).click()
  await page.locator('canvas[data-stage=codes]').first().waitFor({ timeout: 120_000 })
})
await shoot('studio', async (page) => {
  await page.getByText(/· 4 images$/).waitFor({ timeout: 120_000 })
  await page.getByText('Tokens that survive').waitFor()
})
await shoot('studio-heat', async (page) => {
  await page.goto(`${studio}?cell=102&layer=entropy&grid=codes`)
  await page.getByText('Tokens that survive').waitFor()
})
await shoot('studio-variance', async (page) => {
  await page.goto(`${studio}?cell=102&tab=variance`)
  if (page === tab) await page.getByRole('button', { name: 'Make both' }).click()
  for (const half of [/^This grid/, /^Many grids/]) {
    const region = page.getByRole('region', { name: half })
    await region.getByText(/· 8 images$/).waitFor({ timeout: 120_000 })
  }
  await page.waitForTimeout(1500)
})
await shoot('inspect', async (page) => {
  await page.goto(`${base()}#/inspect/${run}/5?cell=102`)
  await page.getByRole('heading', { name: 'Recipe' }).waitFor()
  await page.waitForTimeout(700)
})
await shoot('inspect-heat', async (page) => {
  await page.goto(`${base()}#/inspect/${run}/5?cell=102&layer=log-probability&overlay=55`)
  await page.waitForTimeout(400)
})
await shoot('inspect-same', async (page) => {
  await page.goto(`${base()}#/inspect/${run}/5?cell=102&same=1`)
  await page.waitForTimeout(400)
})
await shoot('keyboard', async (page) => {
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
})
await workbench.close()
if (workbench.errors.length > 0) throw new Error(`pages logged errors:\n${workbench.errors.join('\n')}`)

function base(): string {
  return `http://127.0.0.1:${workbench.host.port}/`
}

/** Pins the middle of the image. */
async function pinRectangle(page: Page): Promise<void> {
  const grid = page.getByRole('img', { name: 'Discriminative tokens' })
  await grid.waitFor()
  const { x, y, width } = (await grid.boundingBox())!
  const at = (cell: number) => (width * (cell + 0.5)) / 16
  await page.mouse.move(x + at(4), y + at(3))
  await page.mouse.down()
  await page.mouse.move(x + at(11), y + at(9), { steps: 4 })
  await page.mouse.up()
  await page.keyboard.press('ArrowLeft')
}

async function newestRun(): Promise<string> {
  await images(tab).first().click()
  await tab.getByRole('heading', { name: 'Recipe' }).waitFor()
  return new URL(tab.url()).hash.split('/')[2]!
}
