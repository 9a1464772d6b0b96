// Pictures of Clusters for docs/screenshots: nothing yet, the table, one cluster; light and dark, in both sizes.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { openWorkbench } from '../test/e2e/workbench.ts'

const FOLDER = process.env.DIGIT_SCREENSHOTS ?? 'docs/screenshots'
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
]
mkdirSync(FOLDER, { recursive: true })

const workbench = await openWorkbench()
const views = await Promise.all(
  SIZES.flatMap((viewport) =>
    (['light', 'dark'] as const).map(async (colorScheme) => ({
      name: `${viewport.width}-${colorScheme}`,
      page: await workbench.visit('#/clusters', { viewport, colorScheme }),
    })),
  ),
)

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
  for (const { name: view, page } of views) {
    await prepare(page)
    const png = sharp(await page.screenshot()).png({ compressionLevel: 9, adaptiveFiltering: true })
    await png.toFile(join(FOLDER, `${name}-${view}.png`))
  }
  console.log(name)
}
