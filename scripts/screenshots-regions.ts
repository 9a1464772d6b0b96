// Pictures of Regions for docs/screenshots: nothing chosen, without an atlas, a picture of the atlas, several together.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { demoFolder } from '../src/engine/api/index.ts'
import { images, openWorkbench, startRun, waitForImages } from '../test/e2e/workbench.ts'
import { openViews, savePicture } from './screenshot-views.ts'

const workbench = await openWorkbench()
const views = await openViews(workbench, '#/regions')
const atlas = views[0]!.page
const settled = (page: Page) => page.waitForTimeout(2500)
const patchAt = async (page: Page, label: string, row: number, column: number) => {
  const box = (await page.getByRole('img', { name: label, exact: true }).boundingBox())!
  return [box.x + (box.width * (column + 0.5)) / 16, box.y + (box.height * (row + 0.5)) / 16] as const
}

await shoot('regions-empty', settled)
await shoot('regions-without-atlas', async (page) => {
  const picture = readFileSync(join(demoFolder(), 'images/3-food-drink/000.png'))
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: 'food.png', mimeType: 'image/png', buffer: picture })
  await settled(page)
})
await atlas.goto(atlas.url().replace(/#.*/, '#/clusters'))
await atlas.getByRole('button', { name: /^Build the atlas/ }).click()
await atlas.getByRole('table', { name: 'Clusters' }).waitFor({ timeout: 300_000 })
await shoot('regions', async (page) => {
  await page.goto(page.url().replace(/#.*/, '#/clusters'))
  await page.getByRole('button', { name: 'Pictures' }).click()
  await page.getByRole('button', { name: 'Picture after' }).click()
  await settled(page)
  await page.mouse.click(...(await patchAt(page, 'Principal components', 7, 7)))
  await page.mouse.move(...(await patchAt(page, 'Regions', 5, 6)))
  await settled(page)
})
await shoot('regions-joint', async (page) => {
  await page.mouse.move(400, 5)
  await page.getByLabel('PCA over').selectOption('8')
  await page.getByLabel('Foreground only').check()
  await settled(page)
})
await shoot('cluster-from-region', async (page) => {
  await page.mouse.click(...(await patchAt(page, 'Regions', 5, 6)))
  await page.getByText('The region you came from').waitFor()
  await settled(page)
})

await atlas.goto(atlas.url().replace(/#.*/, '#/sample'))
await startRun(atlas, { Images: 2, Seed: 7 })
await waitForImages(atlas, 2)
await images(atlas).first().click()
await atlas.getByRole('img', { name: 'Discriminative tokens' }).waitFor()
const image = new URL(atlas.url()).hash.split('?')[0]!
await atlas.goto(atlas.url().replace(/#.*/, `${image}?cell=120&side=intervene`))
await atlas.getByRole('group', { name: 'Nearest by cosine' }).getByRole('button').first().click()
await atlas.getByRole('button', { name: 'Decode beside the original' }).click()
await atlas.getByText('Mean difference').waitFor({ timeout: 120_000 })
await shoot('studio-intervention', async (page) => {
  await page.goto(page.url().replace(/#.*/, `${image}?cell=120&side=intervene&tab=interventions`))
  await page.getByText('Mean difference').waitFor()
  await settled(page)
})
await shoot('codebooks-one', async (page) => {
  await page.goto(page.url().replace(/#.*/, '#/codebooks'))
  await settled(page)
})
await atlas.getByRole('button', { name: /by VQGAN codes/ }).click()
await shoot('codebooks', async (page) => {
  await page.getByRole('table', { name: 'Matched clusters' }).waitFor({ timeout: 300_000 })
  await settled(page)
})

await workbench.close()
if (workbench.errors.length > 0) throw new Error(`pages logged errors:\n${workbench.errors.join('\n')}`)

/** The same view in every window. */
async function shoot(name: string, prepare: (page: Page) => Promise<unknown>): Promise<void> {
  for (const view of views) {
    const { page } = view
    await prepare(page)
    await savePicture(name, view)
  }
  console.log(name)
}
