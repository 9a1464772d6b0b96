// Pictures of Library, Inspect and Compare for docs/screenshots: favourites and picks, a run that can be resumed, one
// token in a run, a reconstruction, dropped files, two and four images side by side; light and dark, in both sizes.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { demoFolder } from '../src/engine/api/index.ts'
import { images, openWorkbench, startRun } from '../test/e2e/workbench.ts'
import { drag, openViews, savePicture } from './screenshot-views.ts'

const workbench = await openWorkbench()
const base = `http://127.0.0.1:${workbench.host.port}/`
const tab = await workbench.visit('#/sample')

const known = new Set<string>()
const ar = await sampled('Autoregressive', { Images: 8, Seed: 3, Batch: 8 })
const nar = await sampled('Masked', { Images: 8, Seed: 3, Batch: 8 })
const cancelled = await cancelledRun()
const reconstructed = await reconstructedRun()

const views = await openViews(workbench, '#/library')

await shoot('compare-empty', (page) => page.goto(`${base}#/compare`))
await shoot('library-cancelled', async (page) => {
  await page.goto(`${base}#/library/${cancelled}`)
  await page.getByRole('button', { name: 'Resume' }).waitFor()
})
await shoot('library-picks', async (page) => {
  await page.goto(`${base}#/library`)
  await images(page).nth(16).waitFor()
  for (const [index, key] of [
    [1, 'x'],
    [7, 'x'],
    [3, 'f'],
  ] as const) {
    await page.locator(`[data-index="${index}"]`).focus()
    // Every window is of the same library: what one has marked, the next finds marked.
    if (key === 'x' || page === views[0]!.page) await page.keyboard.press(key)
  }
  await page.waitForTimeout(600)
})
await shoot(
  'library-removed',
  async (page) => {
    await page.goto(`${base}#/library/${cancelled}`)
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('region', { name: 'Notices' }).getByText('Removed').waitFor()
    await page.waitForTimeout(400)
  },
  (page) => page.getByRole('button', { name: 'Undo' }).click(),
)
await shoot('inspect-token', async (page) => {
  await page.goto(`${base}#/inspect/${ar}/5?cell=0&same=1`)
  await page.getByRole('region', { name: 'Same token' }).getByText('of 8 images').waitFor()
  await page.waitForTimeout(600)
})
await shoot('inspect-drift', async (page) => {
  await page.goto(`${base}#/inspect/${reconstructed}/1?cell=102`)
  await page.getByRole('img', { name: 'Token drift' }).waitFor()
  await page.waitForTimeout(600)
})
await shoot('compare', async (page) => {
  await page.goto(`${base}#/compare?images=${ar}:5,${nar}:5&cell=102&step=160`)
  await page.getByText('Same as A').waitFor()
  await page.waitForTimeout(600)
})
await shoot('compare-four', async (page) => {
  await page.goto(`${base}#/compare?images=${ar}:5,${nar}:5,${ar}:3,${nar}:3&cell=102`)
  await page.getByText('Same as A').first().waitFor()
  await page.waitForTimeout(600)
})
await shoot(
  'dropped',
  async (page) => {
    await page.goto(`${base}#/library`)
    await images(page).nth(16).waitFor()
    await drag(page, join(workbench.workspace, 'runs', nar, 'images', '000001.png'), 'Drop for the recipe')
    await page.getByText('masked (NAR)').waitFor()
  },
  (page) => page.keyboard.press('Escape'),
)
await shoot(
  'dropped-foreign',
  async (page) => {
    await drag(page, demoPictures()[0]!, 'Drop for the recipe')
    await page.getByText('No recipe in this file').waitFor()
  },
  (page) => page.keyboard.press('Escape'),
)
await shoot('dropping', (page) => drag(page, demoPictures()[0]!))

await workbench.close()
if (workbench.errors.length > 0) throw new Error(`pages logged errors:\n${workbench.errors.join('\n')}`)

/** The same view in every window. */
async function shoot(
  name: string,
  prepare: (page: Page) => Promise<unknown>,
  afterwards: (page: Page) => Promise<unknown> = async () => {},
): Promise<void> {
  for (const view of views) {
    const { page } = view
    await prepare(page)
    await page.mouse.move(700, page.viewportSize()!.height - 2)
    await page.waitForTimeout(250)
    await savePicture(name, view)
    await afterwards(page)
  }
  console.log(name)
}

async function sampled(kind: string, fields: Record<string, number>): Promise<string> {
  await tab.goto(`${base}#/sample`)
  await tab.getByRole('radio', { name: kind }).first().check()
  await startRun(tab, fields)
  await tab.getByText(new RegExp(`· ${fields.Images} images$`)).waitFor({ timeout: 300_000 })
  return newest()
}

async function cancelledRun(): Promise<string> {
  await startRun(tab, { Images: 24, Seed: 21, Batch: 2 })
  await tab.getByRole('heading', { name: /seed 21$/ }).waitFor()
  await images(tab).nth(1).waitFor({ timeout: 120_000 })
  await tab.keyboard.press('Escape')
  await tab
    .getByText(/Cancelled/)
    .first()
    .waitFor()
  return newest()
}

async function reconstructedRun(): Promise<string> {
  await tab.goto(`${base}#/inspect`)
  const [chooser] = await Promise.all([
    tab.waitForEvent('filechooser'),
    tab.getByRole('button', { name: /Reconstruct/ }).click(),
  ])
  await chooser.setFiles(demoPictures())
  await tab.getByRole('img', { name: 'Token drift' }).waitFor({ timeout: 120_000 })
  return newest()
}

/** The run that was not there before. */
function newest(): string {
  const id = readdirSync(join(workbench.workspace, 'runs')).find((name) => !known.has(name))!
  known.add(id)
  return id
}

function demoPictures(): string[] {
  const folder = join(demoFolder(), 'images')
  return readdirSync(folder)
    .slice(1, 7)
    .map((kind) => join(folder, kind, readdirSync(join(folder, kind))[2]!))
}
