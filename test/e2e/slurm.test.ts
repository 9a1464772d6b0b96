// The page over a real SLURM: a run is submitted, its images arrive, a task that fails shows its log and is submitted again.
import { cpSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { HAS_SLURM } from '../slurm.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { violations } from './stage/accessibility.ts'
import { images, openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

const folder = temporaryFolder()
const models = join(folder.path, 'models')

describe.skipIf(!HAS_SLURM)('SLURM', () => {
  let workbench: Workbench
  let tab: Page
  beforeAll(async () => {
    cpSync(demoFolder(), models, { recursive: true })
    workbench = await openWorkbench([models])
    tab = await workbench.visit()
    await tab.keyboard.press('Escape')
    const where = tab.getByRole('region', { name: 'Where to run' })
    await where.getByRole('radio', { name: 'SLURM' }).check()
    await where.getByRole('spinbutton', { name: 'Tasks' }).fill('2')
    await tab.getByRole('radio', { name: 'Masked' }).check()
  })
  afterAll(() => workbench?.close())

  const jobs = () => tab.getByRole('dialog', { name: 'Jobs in SLURM' })

  it('runs a request there, and shows the tasks and the images as they arrive', async () => {
    await startRun(tab, { Images: 4, Seed: 7 })
    await tab.getByRole('button', { name: 'Jobs…' }).click()
    await jobs().getByText('sample 0').first().waitFor()
    expect(await violations(tab)).toEqual([])
    await jobs()
      .getByText(/3 done/)
      .waitFor({ timeout: 180_000 })
    await tab.keyboard.press('Escape')
    await waitForImages(tab, 4)
    await tab.getByText(/· 4 images$/).waitFor()
  })

  it('shows the log of a task that failed, and submits it again', async () => {
    const before = await images(tab).count()
    await startRun(tab, { Images: 6, Seed: 8 })
    renameSync(models, `${models}-elsewhere`)
    await tab.getByRole('alert').filter({ hasText: 'sample' }).first().waitFor({ timeout: 180_000 })
    await tab.getByRole('button', { name: 'Jobs…' }).click()
    const failed = jobs().getByRole('row').filter({ hasText: 'failed' }).first()
    await failed.getByRole('button', { name: 'Log' }).click()
    await jobs()
      .getByLabel(/Log of sample/)
      .getByText(/digit: .*models/)
      .waitFor()
    renameSync(`${models}-elsewhere`, models)
    await tab.keyboard.press('Escape')
    await tab.getByRole('button', { name: 'Resume' }).first().click()
    await tab.getByText(/· 6 images$/).waitFor({ timeout: 180_000 })
    expect(await images(tab).count()).toBeGreaterThan(before)
  })

  it('trains a codebook there from the Clusters page, and opens it', async () => {
    const page = await workbench.visit('#/clusters')
    await page.getByRole('button', { name: 'Train a K-Means codebook…' }).click()
    const dialog = page.getByRole('dialog', { name: 'K-Means codebooks' })
    await dialog.getByRole('radio', { name: 'SLURM' }).check()
    for (const [field, value] of Object.entries({ Tasks: '2', Clusters: '16', Iterations: '1' }))
      await dialog.getByRole('spinbutton', { name: field }).fill(value)
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Train the codebook' }).click()
    await dialog.getByText(/% · SLURM: /).waitFor({ timeout: 180_000 })
    await dialog.getByRole('button', { name: 'Open' }).click({ timeout: 300_000 })
    const api = await workbench.api()
    const opened = async () =>
      (await api.snapshot()).modelSet!.files.map(({ path }) => path.split('/').at(-1))
    await expect.poll(opened, { timeout: 60_000 }).toContain('km_16.npy')
  })
})
