// Pictures of Curves for docs/screenshots: no sweep yet, one at work (6 points of 64 images with errors), its curve, a
// point's samples, two compared; a second sweep beside it; a linear probe.
import type { Page } from 'playwright-core'
import { openWorkbench } from '../test/e2e/workbench.ts'
import { openViews, savePicture } from './screenshot-views.ts'

const workbench = await openWorkbench()
const views = await openViews(workbench, '#/curves')
const [first] = views

await shoot('curves-empty', (page) =>
  page.getByText('About', { exact: false }).or(page.getByText('Measure the speed')).first().waitFor(),
)
await first!.page.getByRole('switch', { name: /^Error bars/ }).check()
await first!.page.getByRole('button', { name: 'Start the sweep' }).click()
await first!.page.getByText(/^cell 2 of/).waitFor({ timeout: 600_000 })
const address = new URL(first!.page.url()).hash
await shoot('curves-work', async (page) => {
  await page.goto(page.url().replace(/#.*/, address))
  await page.getByRole('img', { name: /points$/ }).waitFor({ timeout: 600_000 })
})
await first!.page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached', timeout: 900_000 })
await shoot('curves', async (page) => {
  await page.getByRole('table', { name: 'Points' }).getByRole('button').nth(2).click()
  await page.waitForTimeout(2500)
})
await shoot('curves-compare', async (page) => {
  await page
    .getByRole('table', { name: 'Points' })
    .getByRole('button')
    .nth(5)
    .click({ modifiers: ['Shift'] })
  await page.waitForTimeout(2500)
})
await first!.page.goto(first!.page.url().replace(/#.*/, '#/sample'))
await first!.page.getByRole('radio', { name: 'Masked' }).check()
await first!.page.goto(first!.page.url().replace(/#.*/, '#/curves'))
await first!.page.getByRole('button', { name: 'Start the sweep' }).click()
await first!.page.getByRole('img', { name: /, 6 points$/ }).waitFor({ timeout: 900_000 })
const masked = new URL(first!.page.url()).hash.match(/curves\/([^?]+)/)![1]!
await shoot('curves-beside', async (page) => {
  await page.goto(page.url().replace(/#.*/, `${address.replace(/[&?]a=.*/, '')}&with=${masked}`))
  await page.getByRole('img', { name: /, 12 points$/ }).waitFor()
  await page.getByRole('table', { name: 'Points' }).getByRole('button').nth(2).click()
  await page.waitForTimeout(2500)
})
await shoot('curves-sweeps', async (page) => {
  await page.keyboard.press('s')
  await page.getByRole('list', { name: 'Sweeps' }).waitFor()
  await page.waitForTimeout(800)
})

await shoot('probe-empty', async (page) => {
  await page.keyboard.press('p')
  await page.getByText('No linear probe yet').waitFor()
})
await first!.page.getByRole('button', { name: 'Start the probe' }).click()
await shoot('probe', async (page) => {
  await page.getByRole('img', { name: /layer/ }).waitFor({ timeout: 900_000 })
  await page.waitForTimeout(800)
})

await workbench.close()
if (workbench.errors.length > 0) throw new Error(`pages logged errors:\n${workbench.errors.join('\n')}`)

/** The same view in every window. */
async function shoot(name: string, prepare: (page: Page) => Promise<unknown>): Promise<void> {
  for (const view of views) {
    await prepare(view.page)
    await savePicture(name, view)
  }
  console.log(name)
}
