// A library of 50,000 images on disk, over the real engine: what is on the page stays small, and nothing freezes.
import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodePng, pngWithText } from '../../src/engine/images/index.ts'
import { recordToText } from '../../src/engine/records/image-record.ts'
import { QUICK } from '../quick-request.ts'
import { openWorkbench, type Workbench } from './stage/workbench.ts'

const RUNS = 2
const IMAGES = 25_000
/** In cells 0 to 3 of every image. */
const TOKEN = 7

let workbench: Workbench
let page: Page
beforeAll(async () => {
  workbench = await openWorkbench()
  await fillLibrary(workbench.workspace)
  page = await workbench.visit('#/library')
})
afterAll(() => workbench?.close())

/** Runs of images that are all the same file, under as many names. */
async function fillLibrary(workspace: string): Promise<void> {
  const tokens = Int32Array.from({ length: 256 }, (_, cell) => (cell < 4 ? TOKEN : 100 + cell))
  const image = { rgb: new Uint8Array(32 * 32 * 3).fill(160), width: 32, height: 32 }
  const recipe = { seed: 0, vqgan: 'a'.repeat(64), weightBits: 32, provider: 'cpu' }
  const record = { app: 'test', image: 0, recipe, discriminative: { tokens }, codes: { tokens } }
  const file = join(workspace, 'one.png')
  mkdirSync(workspace, { recursive: true })
  writeFileSync(file, pngWithText(await encodePng(image), recordToText(record)))
  for (let run = 0; run < RUNS; run++) {
    const folder = join(workspace, 'runs', `run-${run}`)
    mkdirSync(join(folder, 'images'), { recursive: true })
    const spec = {
      kind: 'sample',
      ...QUICK,
      seed: run,
      count: IMAGES,
      model: 'm',
      out: 'o',
      shards: 1,
      shard: 0,
    }
    const request = { schema: 1, started: `2026-01-0${run + 1}T00:00:00Z`, spec }
    writeFileSync(join(folder, 'request.json'), JSON.stringify(request))
    for (let i = 0; i < IMAGES; i++)
      linkSync(file, join(folder, 'images', `${String(i).padStart(6, '0')}.png`))
  }
}

const gallery = () => page.getByRole('group', { name: 'Images' })

/** Milliseconds between frames while a script runs. */
const frames = async (script: string): Promise<number[]> =>
  (await page.evaluate(`(async () => {
    const gaps = []
    let last = performance.now()
    let going = true
    const frame = (now) => {
      gaps.push(now - last)
      last = now
      if (going) requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    ${script}
    going = false
    return gaps.sort((a, b) => a - b)
  })()`)) as number[]

/** About 20 ms on an idle machine; a busy one gets more time, a frozen page does not. */
function expectNoFreeze(gaps: readonly number[]): void {
  const at = (share: number) => gaps[Math.floor(share * (gaps.length - 1))]!
  console.log(`frames: median ${at(0.5).toFixed(0)} ms, 95% ${at(0.95).toFixed(0)} ms`)
  expect(at(0.5)).toBeLessThan(400)
}

it('lists all images and renders only those on screen', async () => {
  await page.getByText('50,000 images').waitFor({ timeout: 30_000 })
  await gallery().locator('img').first().waitFor()
  expect(await gallery().locator('[data-index]').count()).toBeLessThan(200)
})

it('scrolls without a frozen frame, and jumps to its end', async () => {
  // Scrolls fifty screens, a third of one per frame.
  const gaps = await frames(`
    const gallery = document.querySelector('[aria-label=Images]')
    for (let i = 0; i < 150; i++) {
      gallery.scrollTop += 300
      await new Promise(requestAnimationFrame)
    }
    gallery.scrollTop = gallery.scrollHeight`)
  expectNoFreeze(gaps)
  await gallery().locator('[data-index="49999"] img').waitFor({ timeout: 30_000 })
})

it('opens the image selected by keys', async () => {
  await gallery().locator('[data-index]').last().focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Image 1' }).waitFor()
})

it('searches for a token in batches until stopped', async () => {
  await page.getByRole('img', { name: 'Pixels' }).click({ position: { x: 4, y: 4 } })
  const told = page.getByRole('region', { name: 'Same token' }).getByRole('status')
  await page.keyboard.press('s')
  await told.getByText('left').waitFor()
  expectNoFreeze(await frames('await new Promise((resolve) => setTimeout(resolve, 800))'))
  await page.getByRole('button', { name: 'Stop' }).click()
  await told.getByText('not searched').waitFor()
  const [, found, looked, cells, left] = /In ([\d,]+) of ([\d,]+) images, ([\d,]+) cells\s+· ([\d,]+) not/
    .exec((await told.textContent())!)!
    .map((text) => Number(text.replaceAll(',', '')))
  expect([found, cells, looked! + left!]).toEqual([looked, 4 * looked!, IMAGES])
  expect(left).toBeGreaterThan(0)
  console.log(`looked at ${looked} images in about a second`)
})

it('logged no errors', () => {
  expect(workbench.errors).toEqual([])
})
