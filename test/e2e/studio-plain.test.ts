// The studio over models without discriminative tokens: one grid, one stage, nothing to split.
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { images, openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

const TINY = resolve('test/fixtures/official-tiny')
const SLOW = 90_000

let workbench: Workbench
let tab: Page
beforeAll(async () => {
  workbench = await openWorkbench([`${TINY}/outputs/tiny_vq`, `${TINY}/models/vqgan_jax_strongaug.ckpt`])
  tab = await workbench.visit('')
})
afterAll(() => workbench?.close())

it('waits for the user before sampling their own models', async () => {
  await tab.getByText('Nothing sampled yet').waitFor()
  await tab.getByRole('heading', { name: /^VQGAN codes/ }).waitFor()
  expect(await tab.getByRole('heading', { name: /^Stage 2/ }).count()).toBe(0)
})

it('edits the codes of a plain model', async () => {
  await startRun(tab, { Images: 1, Seed: 7 })
  await waitForImages(tab, 1)
  await images(tab).first().click()
  await tab.getByRole('img', { name: 'VQGAN codes' }).click({ position: { x: 5, y: 5 } })
  expect(await tab.getByRole('img', { name: 'Discriminative tokens' }).count()).toBe(0)
  await tab.keyboard.press('w')
  await tab.getByText('16 pinned').waitFor()
  await tab.getByText('Surviving tokens').waitFor({ timeout: SLOW })
  await tab.keyboard.press('Enter')
  const row = tab.getByRole('article', { name: '240 codes resampled by AR' })
  await row.getByText(/· 4 images$/).waitFor({ timeout: SLOW })
  await tab.getByRole('tab', { name: 'Variance split' }).click()
  await tab.getByText('generated in one stage').waitFor()
  expect(workbench.errors).toEqual([])
})
