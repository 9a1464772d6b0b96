// The page keeps up with what it shows: frames come while images are sampled and while cells are drawn again.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { images, openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

/** Milliseconds between frames, from now on. */
const WATCH_FRAMES = `
  globalThis.frameGaps = []
  let last = performance.now()
  requestAnimationFrame(function frame(now) {
    frameGaps.push(now - last)
    last = now
    requestAnimationFrame(frame)
  })`
/** Under this on a machine of its own for nearly all; one that others use may stop a browser for longer. */
const SMOOTH_MS = 100
const SHARE = 0.9

let workbench: Workbench
let tab: Page
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('#/sample')
})
afterAll(() => workbench?.close())

async function expectSmooth(what: string): Promise<void> {
  const gaps = (await tab.evaluate('frameGaps.sort((a, b) => a - b)')) as number[]
  const at = (share: number) => gaps[Math.floor(share * (gaps.length - 1))]!
  console.log(`frames while ${what}: median ${at(0.5).toFixed(0)} ms, 99% ${at(0.99).toFixed(0)} ms`)
  expect(at(SHARE)).toBeLessThan(SMOOTH_MS)
}

it('while images are sampled', async () => {
  await tab.evaluate(WATCH_FRAMES)
  await startRun(tab, { Images: 4, Seed: 7 })
  await tab.locator('canvas[data-stage=codes]').first().waitFor()
  await waitForImages(tab, 4)
  await expectSmooth('sampling')
})

it('while cells are drawn again in the studio', async () => {
  await images(tab).nth(1).click()
  await tab.getByRole('img', { name: 'Discriminative tokens' }).waitFor()
  await tab.getByRole('spinbutton', { name: 'Variants' }).fill('1')
  await tab.evaluate(WATCH_FRAMES)
  await tab.keyboard.press('Enter')
  await tab
    .getByRole('region', { name: 'Results' })
    .getByRole('button', { name: 'Compare' })
    .first()
    .waitFor({ timeout: 90_000 })
  await expectSmooth('drawing again')
})
