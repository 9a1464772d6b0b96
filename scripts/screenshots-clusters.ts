// Pictures of Clusters for docs/screenshots: nothing yet, the table, the maps, a gallery, a picture's clusters, two atlases
// compared, a new atlas of a folder, a picture that is dropped, one cluster; light and dark, in both sizes.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { demoFolder } from '../src/engine/api/index.ts'
import { findAtlases } from '../src/engine/workspace/atlases.ts'
import { openWorkbench, startRun, waitForImages } from '../test/e2e/workbench.ts'
import { drag, openViews, savePicture } from './screenshot-views.ts'

const workbench = await openWorkbench()
const views = await openViews(workbench, '#/clusters')
const first = views[0]!.page

await shoot('clusters-empty', (page) => page.locator('button:enabled', { hasText: 'of the demo' }).waitFor())
await shoot('clusters-empty-folder', (page) =>
  page.locator('summary', { hasText: 'Of a folder of yours' }).click(),
)
for (const { page } of views) await page.locator('summary', { hasText: 'Of a folder of yours' }).click()
await first.getByRole('button', { name: /^Build the atlas/ }).click()
await shoot('clusters-work', (page) => page.getByText(/% · /).waitFor())
await first.getByRole('table', { name: 'Clusters' }).waitFor({ timeout: 300_000 })
const real = (await findAtlases(workbench.workspace))[0]!.id

await to(first, '#/sample')
await startRun(first, { Images: 8, Seed: 4 })
await waitForImages(first, 8)
await at(first, `#/clusters/${real}`)
await first.getByRole('button', { name: 'New atlas' }).click()
await first.getByLabel('Images').selectOption({ index: 1 })
await first.getByRole('button', { name: 'Build the atlas' }).click()
await first.getByLabel('Compared with').waitFor({ timeout: 300_000 })
const generated = (await findAtlases(workbench.workspace)).find(({ source }) => source.kind === 'run')!.id
for (const [entry, name] of ['Flat background', 'Dark outline', 'Rounded corner'].entries()) {
  await at(first, `#/clusters/${real}/${entry}`)
  await first.getByRole('textbox', { name: 'Label' }).fill(name)
  await first.getByRole('textbox', { name: 'Tags' }).fill('seen, demo')
  await first.getByRole('textbox', { name: 'Tags' }).press('Enter')
  await first.getByText('saved').first().waitFor()
}

// What was said of the labels goes with the page.
await first.reload()
await shoot('clusters', (page) => at(page, `#/clusters/${real}?sort=id`), 5000)
await shoot(
  'clusters-compare',
  (page) => at(page, `#/clusters/${real}?against=${generated}&sort=logRatio`),
  2500,
)
await shoot('clusters-find', (page) => at(page, `#/clusters/${real}?find=12`), 2500)
await at(first, `#/clusters/${real}?view=map&map=umap`)
await first.getByRole('button', { name: 'Compute' }).click()
await first.getByRole('img', { name: /clusters by UMAP/ }).waitFor({ timeout: 300_000 })
await shoot('clusters-map', (page) => at(page, `#/clusters/${real}?view=map`), 1000)
await shoot(
  'clusters-lasso',
  async (page) => {
    await at(page, `#/clusters/${real}?view=map&map=umap&against=${generated}&colour=logRatio`)
    const map = page.getByRole('img', { name: /clusters by UMAP/ })
    await map.waitFor()
    const { x, y, width, height } = (await map.boundingBox())!
    const corner = ([right, down]: readonly [number, number]) =>
      page.mouse.move(x + right * width, y + down * height, { steps: 4 })
    await corner([0.3, 0.2])
    await page.mouse.down()
    for (const next of [
      [0.5, 0.25],
      [0.55, 0.5],
      [0.45, 0.7],
      [0.3, 0.55],
    ] as const)
      await corner(next)
    await page.mouse.up()
  },
  2500,
)
await at(first, `#/clusters/${real}`)
await first.getByRole('button', { name: 'New atlas' }).click()
await first.getByLabel('Picture folder').setInputFiles(join(demoFolder(), 'images/3-food-drink'))
await first.getByRole('option', { name: /3-food-drink/ }).waitFor({ state: 'attached', timeout: 120_000 })
await shoot(
  'clusters-new-atlas',
  async (page) => {
    await at(page, `#/clusters/${real}`)
    const form = page.getByRole('form', { name: 'New atlas' })
    if (!(await form.isVisible())) await page.getByRole('button', { name: 'New atlas' }).click()
    const folder = form.locator('option', { hasText: '3-food-drink' })
    await form.getByLabel('Images').selectOption((await folder.getAttribute('value'))!)
  },
  2500,
)
await shoot('clusters-dropping', async (page) => {
  await page.getByRole('button', { name: 'New atlas' }).click()
  await drag(page, join(demoFolder(), 'images/3-food-drink/000.png'))
})
for (const { page } of views) await page.dispatchEvent('body', 'drop')
await shoot('clusters-gallery', (page) => at(page, `#/clusters/${real}?view=gallery`), 2500)
await shoot('cluster', (page) => at(page, `#/clusters/${real}/1?against=${generated}`), 2500)
await shoot('cluster-pictures', (page) => page.keyboard.press('c'), 1500)

await workbench.close()
if (workbench.errors.length > 0) throw new Error(`pages logged errors:\n${workbench.errors.join('\n')}`)

async function to(page: Page, hash: string): Promise<void> {
  await page.goto(page.url().replace(/#.*/, hash))
}

async function at(page: Page, hash: string): Promise<void> {
  await to(page, hash)
  await page.getByRole('heading', { level: 1 }).waitFor()
}

/** The same view in every window, `settle` milliseconds later. */
async function shoot(name: string, prepare: (page: Page) => Promise<unknown>, settle = 0): Promise<void> {
  for (const view of views) {
    await prepare(view.page)
    await view.page.waitForTimeout(settle)
    await savePicture(name, view)
  }
  console.log(name)
}
