// What a paper needs beside a number, on the pages: the likelihood of held-out images, the tokenizer's own table, copies.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { violations } from './stage/accessibility.ts'
import { openWorkbench, type Workbench } from './stage/workbench.ts'

const SLOW = 240_000
/** Of one wait: each ends with what it waited for, long before the test. */
const WAIT = 55_000
const EACH = 6
const files = mkdtempSync(join(tmpdir(), 'digit-measuring-'))
const set = (name: string) => join(files, name)
let workbench: Workbench
let tab: Page

beforeAll(async () => {
  process.env.DIGIT_CACHE = join(files, 'cache')
  for (const name of ['trained', 'held']) {
    for (const [i, folder] of readdirSync(join(demoFolder(), 'images')).sort().slice(0, 2).entries()) {
      mkdirSync(join(set(name), folder), { recursive: true })
      const pictures = readdirSync(join(demoFolder(), 'images', folder)).sort()
      const from = name === 'held' ? EACH / 2 : 0
      for (const file of pictures.slice(from, from + EACH / 2))
        cpSync(join(demoFolder(), 'images', folder, file), join(set(name), folder, `${i}-${file}`))
    }
  }
  workbench = await openWorkbench()
  tab = await workbench.visit('#/evaluate')
  tab.setDefaultTimeout(WAIT)
  for (const name of ['trained', 'held']) {
    await tab.getByLabel('Image folder').setInputFiles(set(name))
    await tab.getByLabel('Reference', { exact: true }).getByText(name).waitFor({ state: 'attached' })
  }
}, SLOW)
afterAll(async () => {
  await workbench?.close()
  rmSync(files, { recursive: true, force: true })
})

/** Status of the run that reconstructs the pictures. */
async function madeAgain(): Promise<unknown> {
  const { runs } = await (await workbench.api()).snapshot()
  return runs.find(({ reconstruct }) => reconstruct)?.status
}

/** Status of the measurement, with its error if it failed. */
async function measurement(): Promise<unknown> {
  const api = await workbench.api()
  const [open] = await api.listEvaluations()
  return open?.status ?? ((await api.listMeasurements()).length > 0 ? { state: 'done' } : undefined)
}

it(
  'the likelihood of held-out images is measured in both stages, by place and by class',
  async () => {
    await tab.getByRole('navigation', { name: 'Evaluate' }).getByRole('link', { name: 'Likelihood' }).click()
    await tab.getByText('No likelihood yet').waitFor()
    await tab.getByLabel('Images', { exact: true }).selectOption({ label: 'held' })
    await tab.getByRole('button', { name: 'Measure the likelihood' }).click()
    const stage1 = tab.getByRole('region', { name: 'Stage 1: discriminative tokens' })
    await stage1
      .getByText(/bits per token/)
      .first()
      .waitFor({ timeout: WAIT })
    const [found] = await (await workbench.api()).listLikelihoods()
    await stage1.getByText(found!.stages!.stage1!.bits.toFixed(3), { exact: true }).waitFor()
    expect(
      await stage1
        .getByRole('img', { name: /bits by place/ })
        .locator('rect')
        .count(),
    ).toBe(256)
    expect(await stage1.getByRole('row').count()).toBe(3)
    await tab.getByRole('region', { name: 'Stage 2: codes given the tokens' }).waitFor()
    expect(await violations(tab)).toEqual([])
    await tab.getByRole('button', { name: 'To a figure' }).click()
    await expect.poll(() => new URL(tab.url()).hash).toMatch(/^#\/figures/)
  },
  SLOW,
)

it(
  'the tokenizer is measured: the reference is made again by the VQGAN alone, and compared with itself',
  async () => {
    await tab.goto(tab.url().replace(/#.*/, '#/evaluate'))
    await tab.getByLabel('Reference', { exact: true }).selectOption({ label: 'trained' })
    await tab.getByText('Measure the tokenizer instead').click()
    await tab.getByRole('button', { name: 'VQGAN alone' }).click()
    const api = await workbench.api()
    await expect.poll(madeAgain, { timeout: WAIT }).toMatchObject({ state: 'done' })
    await tab.getByRole('switch', { name: 'The reference is the training set' }).check()
    await tab.getByLabel('Held-out images').selectOption({ label: 'held' })
    await tab.getByRole('button', { name: 'Measure', exact: true }).click()
    const numbers = tab.getByRole('complementary', { name: 'Results and protocol' })
    await expect.poll(measurement, { timeout: WAIT }).toMatchObject({ state: 'done' })
    await numbers.getByText('PSNR', { exact: false }).first().waitFor()
    const [measured] = await api.listMeasurements()
    const { results } = measured!.stamp
    for (const name of ['psnr', 'ssim', 'codebook_usage', 'authpct', 'authpct_held_out'])
      await numbers.getByTitle(String(results[name])).first().waitFor()
    await numbers.getByText(/^reconstructions of images of the reference/).waitFor()
    expect(await violations(tab)).toEqual([])
  },
  SLOW,
)
