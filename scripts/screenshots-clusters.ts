// Pictures of Clusters for docs/screenshots: nothing yet, the table, one cluster; light and dark, in both sizes.
import type { Page } from 'playwright-core'
import { openWorkbench } from '../test/e2e/workbench.ts'
import { openViews, savePicture } from './screenshot-views.ts'

const workbench = await openWorkbench()
const views = await openViews(workbench, '#/clusters')

await shoot('clusters-empty', (page) => page.getByRole('button', { name: /^Build the atlas/ }).waitFor())
await views[0]!.page.getByRole('button', { name: /^Build the atlas/ }).click()
await shoot('clusters-work', (page) => page.getByText(/% · /).waitFor())
await shoot('clusters', async (page) => {
  await page.getByRole('table', { name: 'Clusters' }).waitFor({ timeout: 300_000 })
  await page.waitForTimeout(2500)
})
await shoot('clusters-map', async (page) => {
  await page.keyboard.press('m')
  await page.mouse.move(500, 400)
  await page.waitForTimeout(1000)
})
await shoot('cluster', async (page) => {
  await page.keyboard.press('m')
  await page.getByRole('table').getByRole('link').nth(2).click()
  await page.getByRole('region', { name: 'Examples' }).waitFor()
  await page.waitForTimeout(2500)
})
await shoot('cluster-pictures', async (page) => {
  await page.keyboard.press('c')
  await page.waitForTimeout(1500)
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
