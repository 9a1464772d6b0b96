// Steps on the page that tests do in a browser and `npm run desktop:check` does in a real window.
import type { Page } from 'playwright-core'

/** Computing, and a machine that is slow or shared. */
const SLOW_MS = 240_000

/** What the Models page shows of each device once all are tested: a line each. */
export async function testedDevices(page: Page): Promise<readonly string[]> {
  await page.evaluate("location.hash = '#/models'")
  const devices = page.getByRole('region', { name: 'Devices' })
  await devices.getByText('selected by Automatic').waitFor({ timeout: SLOW_MS })
  const rows = await devices.getByRole('row').all()
  return Promise.all(rows.map(async (row) => (await row.innerText()).replace(/\s+/g, ' ').trim()))
}

/** Starts the demo's atlas from an empty Clusters page. */
export async function startDemoAtlas(page: Page): Promise<void> {
  await page.evaluate("location.hash = '#/clusters'")
  await page.getByRole('button', { name: 'Build an atlas of the demo pictures' }).click()
}

/** Waits for the atlas that was started. */
export const atlasShown = (page: Page): Promise<void> =>
  page.getByRole('table', { name: 'Clusters' }).waitFor({ timeout: SLOW_MS })

/** From the table of an atlas: starts its UMAP, which a thread of the engine computes. */
export async function startUmap(page: Page): Promise<void> {
  await page.getByRole('radio', { name: 'Map', exact: true }).check()
  await page.getByRole('img', { name: /clusters by principal components/ }).waitFor()
  await page.getByRole('radio', { name: 'UMAP' }).check()
}

export const umapShown = (page: Page): Promise<void> =>
  page.getByRole('img', { name: /clusters by UMAP/ }).waitFor({ timeout: SLOW_MS })

/** Drags files and folders of this machine over the window and drops them, as the system does. */
export async function dropPaths(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [...paths], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data })
  await session.detach()
}

/** Waits until the Models page lists what was opened under this name. */
export const sourceShown = (page: Page, name: string): Promise<void> =>
  page.getByRole('list', { name: 'Open models' }).getByRole('listitem').filter({ hasText: name }).waitFor()
