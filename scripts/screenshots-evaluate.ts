// Pictures of Evaluate and Published results for docs/screenshots: nothing yet, at work, a result and what is behind it.
import type { Page } from 'playwright-core'
import { openWorkbench, startRun, waitForImages } from '../test/e2e/workbench.ts'
import { openViews, savePicture } from './screenshot-views.ts'

const SLOW = 300_000
const workbench = await openWorkbench()
const views = await openViews(workbench, '#/evaluate')
const [{ page: first }] = views as [(typeof views)[0]]

await shoot('evaluate-empty', (page) => page.getByText('Nothing has been measured yet').waitFor())
await first.goto(first.url().replace(/#.*/, '#/sample'))
await startRun(first, { Images: 64, Seed: 3 })
await waitForImages(first, 24)
await first
  .getByText(/64 images/)
  .first()
  .waitFor({ timeout: SLOW })
await first.goto(first.url().replace(/#.*/, '#/evaluate'))
for (const name of [/^Confidence/, /^Values of each class/]) await first.getByRole('switch', { name }).check()
await first.getByText(/to go through/).waitFor()
await first.getByRole('button', { name: 'Measure', exact: true }).click()
await shoot('evaluate-work', (page) =>
  page
    .getByRole('list', { name: 'Measurements on their way' })
    .getByText(/ of \d+ · /)
    .waitFor({ timeout: SLOW }),
)
await first.getByRole('region', { name: 'Dependence on n' }).waitFor({ timeout: SLOW })
await first.getByRole('list', { name: 'Farthest samples' }).waitFor({ timeout: SLOW })
const result = new URL(first.url()).hash
await shoot('evaluate', async (page) => {
  await page.goto(page.url().replace(/#.*/, '#/evaluate?protocol=adm'))
  await page.getByText('Missing:').waitFor()
  await page.getByRole('table', { name: 'Measurements' }).waitFor()
})
await shoot('evaluate-result', async (page) => {
  await page.goto(page.url().replace(/#.*/, result))
  await page.getByRole('list', { name: 'Farthest samples' }).waitFor()
  await page.waitForTimeout(2500)
})
for (const build of [1, 2]) {
  await first
    .getByRole('button', { name: /^Build the atlas of/ })
    .first()
    .click()
  console.log(`atlas ${build}`)
}
await first.getByRole('list', { name: 'Over-used by the samples' }).waitFor({ timeout: SLOW })
await shoot('evaluate-usage', async (page) => {
  await page.getByRole('region', { name: 'Cluster usage' }).scrollIntoViewIfNeeded()
  await page.getByRole('list', { name: 'Under-used by the samples' }).waitFor()
  await page
    .getByRole('region', { name: 'Cluster usage' })
    .evaluate((element) => element.scrollIntoView({ block: 'end' }))
  await page.waitForTimeout(2000)
})
await shoot('published', async (page) => {
  await page.goto(page.url().replace(/#.*/, '#/published'))
  await page.getByRole('table', { name: 'Measured here' }).waitFor()
})
await shoot('published-class', async (page) => {
  await page.getByRole('radio', { name: 'Class-conditional' }).check()
  await page.getByRole('columnheader', { name: 'FID' }).getByRole('button').first().click()
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
