// The main user journey in every host: the same steps in a browser, in the window, and in its double.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import { dropPaths, sourceShown } from './page-steps.ts'
import { images, startRun, waitForImages } from './workbench.ts'

export interface HostUnderTest {
  visit(hash?: string): Promise<Page>
  /** As abruptly as the host allows. */
  killEngine(): Promise<void>
  /** False if that can only be done while the engine is idle. */
  readonly diesAtWork: boolean
  readonly errors: string[]
  close(): Promise<void>
}

/** Limits for the error and the recovery after a crash; longer on a busy machine. */
const BACK_MS = 5000
const PATIENCE = 4

export function journey(name: string, open: () => Promise<HostUnderTest>): void {
  let host: HostUnderTest
  let tab: Page
  beforeAll(async () => {
    host = await open()
    tab = await host.visit('#/models')
  })
  afterAll(() => host?.close())
  const status = () => tab.getByRole('contentinfo')
  const problems = () => tab.getByRole('region', { name: 'Problems' }).getByRole('article')

  it('opens the included models', async () => {
    await tab.getByRole('heading', { name: 'Files' }).waitFor()
    await tab.getByRole('button', { name: /^vqgan_demo/ }).click()
    await tab
      .getByRole('table', { name: /^Tensors/ })
      .getByRole('row')
      .first()
      .waitFor()
  })

  it('samples, and keeps the images over a reload', async () => {
    await tab.keyboard.press('1')
    await startRun(tab, { Images: 2, Seed: 3 })
    await waitForImages(tab, 2)
    await status().getByText('Idle').waitFor()
    const before = tab.url()
    await tab.reload()
    await waitForImages(tab, 2)
    expect(tab.url()).toBe(before)
  })

  it('opens a folder of models that is dropped on the Models page', async () => {
    await tab.evaluate("location.hash = '#/models'")
    await tab.getByRole('heading', { name: 'Files' }).waitFor()
    await dropPaths(tab, [join(demoFolder(), 'data')])
    await sourceShown(tab, 'data')
    await tab.keyboard.press('1')
  })

  it('shows an error and recovers after the engine died, with every finished image', async () => {
    await startRun(tab, host.diesAtWork ? { Images: 200, Batch: 2, Seed: 4 } : { Images: 2, Seed: 4 })
    await tab.getByRole('heading', { name: 'Unconditional · AR · seed 4' }).waitFor()
    await waitForImages(tab, 2)
    if (!host.diesAtWork) await status().getByText('Idle').waitFor()
    const finished = await images(tab).count()
    const killed = performance.now()
    await host.killEngine()
    await problems().filter({ hasText: 'the engine stopped unexpectedly' }).first().waitFor()
    const told = performance.now() - killed
    await status().getByText('Connected').waitFor()
    await tab
      .getByRole('button', { name: /^Start/ })
      .and(tab.locator(':enabled'))
      .waitFor()
    const back = performance.now() - killed
    console.log(
      `${name}: engine killed, told after ${told.toFixed(0)} ms, working after ${back.toFixed(0)} ms`,
    )
    expect(back).toBeLessThan(BACK_MS * PATIENCE)
    await expect.poll(() => images(tab).count()).toBeGreaterThanOrEqual(finished)
    // Errors logged while the engine is gone are also shown to the user.
    host.errors.length = 0

    await startRun(tab, { Images: 1, Seed: 5 })
    await tab.getByRole('heading', { name: 'Unconditional · AR · seed 5' }).waitFor()
    await waitForImages(tab, 1)
  })

  it('logged no error', () => expect(host.errors).toEqual([]))
}
