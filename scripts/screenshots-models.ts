// Pictures of the Models page for docs/screenshots: as it comes, laid open, with a choice, broken files, a drop, the
// self-test, a copy at work, and empty; light and dark, in a large and a small window.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { demoFolder } from '../src/engine/api/index.ts'
import { openWorkbench } from '../test/e2e/workbench.ts'
import { openViews, savePicture } from './screenshot-views.ts'

const workbench = await openWorkbench()
const views = await openViews(workbench, '#/models')
const tab = views[0]!.page
const files = (page: Page) => page.getByRole('region', { name: 'Files' })

/** The same view in every window. */
async function shoot(
  name: string,
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<void> {
  for (const view of views) {
    await prepare(view.page)
    await view.page.evaluate('document.activeElement?.blur()')
    await view.page.mouse.move(700, view.page.viewportSize()!.height - 2)
    await view.page.waitForTimeout(250)
    await savePicture(name, view)
  }
  console.log(name)
}

const other = Buffer.from(readFileSync(join(demoFolder(), 'data/emoji/dinov2_demo_l3/km_1024.npy')))
other[other.length - 1]! ^= 1
const vqgan = readFileSync(join(demoFolder(), 'models/vqgan_demo.ckpt'))
const give = (files: readonly { name: string; buffer: Buffer }[]) =>
  tab
    .locator('input[type=file]')
    .first()
    .setInputFiles(files.map((file) => ({ ...file, mimeType: '' })))

await shoot('models', (page) => files(page).waitFor())
await shoot('models-inside', async (page) => {
  await files(page)
    .getByRole('button', { name: /^vqgan_demo/ })
    .click()
  await page
    .getByRole('table', { name: /^Tensors/ })
    .getByRole('row')
    .first()
    .waitFor()
  await page.getByRole('table', { name: /^Tensors/ }).scrollIntoViewIfNeeded()
})
for (const { page } of views)
  await files(page)
    .getByRole('button', { name: /^vqgan_demo/ })
    .click()
await give([{ name: 'km_2048.npy', buffer: other }])
await tab.getByText(/^Opened km_2048/).waitFor()
await shoot('models-choose', async (page) => {
  await page.getByLabel('File for K-Means').waitFor()
  await page.getByRole('heading', { level: 1 }).scrollIntoViewIfNeeded()
})
await give([
  { name: 'vqgan_cut.ckpt', buffer: vqgan.subarray(0, 100_000) },
  { name: 'dinov2.safetensors', buffer: Buffer.from('not what its name says') },
])
await shoot('models-broken', async (page) => {
  await files(page).locator('.problem').nth(1).waitFor()
  await files(page).locator('.problem').nth(1).scrollIntoViewIfNeeded()
})
await tab.getByRole('button', { name: 'Undo' }).click()
await files(tab).locator('.problem').first().waitFor({ state: 'hidden' })
const panel = tab.getByRole('region', { name: 'Self-test' })
await panel.getByRole('button', { name: 'Test', exact: true }).click()
await panel.getByText(/stage 2|pixels/).waitFor({ timeout: 300_000 })
await shoot('models-testing', (page) =>
  page.getByRole('region', { name: 'Self-test' }).scrollIntoViewIfNeeded(),
)
await panel.getByText(/tokens the same/).waitFor({ timeout: 600_000 })
await shoot('models-tested', (page) =>
  page.getByRole('region', { name: 'Self-test' }).scrollIntoViewIfNeeded(),
)
await shoot('models-drop', async (page) => {
  await page.getByRole('heading', { level: 1 }).scrollIntoViewIfNeeded()
  await page.evaluate(`(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([], 'a.pt'))
    document.body.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }))
  })()`)
  await page.getByText('Drop to copy').waitFor()
})
for (const { page } of views) await page.reload()
for (const name of ['Demo', 'km_2048']) await tab.getByRole('button', { name: `Close ${name}` }).click()
await shoot('models-empty', (page) => page.getByText('No models are open').waitFor())
await workbench.close()
if (workbench.errors.length > 0) throw new Error(`pages logged errors:\n${workbench.errors.join('\n')}`)
