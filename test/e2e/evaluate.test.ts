// Evaluate in a real browser over the real engine: samples of the demo against its pictures, and what is behind the number.
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { writeNpz } from '../../src/engine/bytes/index.ts'
import { inceptionShapes, writeEmptyInception } from '../engine/models/inception-weights.ts'
import { METRIC_WORDS } from '../../src/shared/figures/metric-words.ts'
import { violations } from './stage/accessibility.ts'
import { openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

const SLOW = 300_000
const SAMPLES = 12

let workbench: Workbench
let tab: Page
const files = mkdtempSync(join(tmpdir(), 'digit-evaluate-'))
beforeAll(async () => {
  // Features of an earlier run would leave nothing to stop.
  process.env.DIGIT_CACHE = join(files, 'cache')
  workbench = await openWorkbench()
  tab = await workbench.visit('#/sample')
  await startRun(tab, { Images: SAMPLES, Seed: 3 })
  await waitForImages(tab, SAMPLES)
  await tab.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Evaluate' }).click()
}, SLOW)
afterAll(async () => {
  await workbench?.close()
  rmSync(files, { recursive: true, force: true })
})

const hash = () => new URL(tab.url()).hash
const section = (name: string) => tab.getByRole('region', { name })
const goTo = (to: string) => tab.goto(tab.url().replace(/#.*/, to))
const measureButton = () => tab.getByRole('button', { name: 'Measure', exact: true })
const numbers = () => tab.getByRole('complementary', { name: 'Results and protocol' })
/** The last measurement of the run, as it is stored. */
async function stored() {
  const measurements = await (await workbench.api()).listMeasurements()
  return measurements.find(({ samples }) => samples.kind === 'run')!.stamp
}

describe('samples of the demo against its pictures', () => {
  it(
    'a measurement starts with the default choices, and can be cancelled and resumed',
    async () => {
      await tab.getByText('No measurements yet').waitFor()
      await tab.getByText(/^\d+ images to process/).waitFor()
      await measureButton().click()
      await tab.getByRole('progressbar', { name: 'Measurement' }).waitFor()
      await tab.getByText(/ of \d+ · dinov2 features/).waitFor({ timeout: SLOW })
      await tab.getByRole('button', { name: 'Cancel' }).click()
      await tab.getByText('Stopped; extracted features are kept').waitFor({ timeout: SLOW })
      await tab.reload()
      await tab.getByRole('button', { name: 'Resume' }).click()
      await section('Samples by distance').waitFor({ timeout: SLOW })
    },
    SLOW,
  )

  it('a measurement shows its result with the full protocol', async () => {
    const { key, results, samples, reference, extractor, floor } = await stored()
    expect(hash()).toBe(`#/evaluate/${key.slice(0, 16)}`)
    await numbers().getByTitle(String(results.frechet_dinov2_distance)).waitFor()
    for (const name of Object.keys(results).filter((name) => !name.endsWith('_std')))
      await numbers().getByText(METRIC_WORDS[name]!.meaning, { exact: true }).first().waitFor()
    for (const sha256 of [samples.sha256, reference.sha256, extractor.sha256])
      await numbers().getByTitle(sha256, { exact: true }).first().waitFor()
    await numbers().getByText(`n = ${SAMPLES}: published values use 50,000 samples`).waitFor()
    await numbers().getByText('Equal n is necessary for a comparison', { exact: false }).waitFor()
    await numbers().getByText(extractor.input).waitFor()
    const real = floor!.results.frechet_dinov2_distance!
    expect(floor).toMatchObject({ n: SAMPLES, m: reference.n! - SAMPLES })
    const mean = real.mean.toFixed(real.mean >= 100 ? 1 : 2).replace('.', '\\.')
    await section('Floor')
      .getByRole('row', { name: new RegExp(`^FD \\(6-block ViT\\) .* ${mean} .* (below|within|above)$`) })
      .waitFor()
  })

  it(
    'a measurement shows the farthest sample and its nearest real images, which open',
    async () => {
      const farthest = tab.getByRole('list', { name: 'Farthest samples' })
      await farthest.waitFor({ timeout: SLOW })
      const distances = await farthest.getByRole('listitem').allTextContents()
      expect(distances).toHaveLength(SAMPLES)
      expect(distances.map(Number)).toEqual([...distances.map(Number)].sort((a, b) => b - a))
      const one = tab.getByRole('group', { name: 'Nearest real images' })
      await one.getByText(/of the real images have another|than any two real images/).waitFor()
      await one
        .getByRole('button', { name: /^Real image .*\.png, distance/ })
        .first()
        .click()
      await tab
        .getByRole('dialog')
        .getByRole('img', { name: /^Real image, .*\.png$/ })
        .waitFor()
      await tab.keyboard.press('Escape')
      await tab.getByRole('radio', { name: 'Nearest', exact: true }).check()
      await tab.getByRole('list', { name: 'Nearest samples' }).getByRole('button').nth(1).click()
      await expect.poll(hash).toMatch(/order=best&sample=\d+$/)
      const chosen = await one.locator('figcaption').textContent()
      await tab.reload()
      await expect.poll(async () => one.locator('figcaption').textContent(), { timeout: 30_000 }).toBe(chosen)
      await one.getByRole('link', { name: 'Inspect' }).click()
      await expect.poll(hash).toMatch(/^#\/inspect\/.+\/\d+$/)
      await tab.goBack()
      await one.waitFor()
    },
    SLOW,
  )

  it('a measurement is removed and restored; its line stays in the file', async () => {
    await tab.getByRole('button', { name: 'Remove', exact: true }).click()
    await tab.getByText('No measurements yet').waitFor()
    await tab.getByRole('button', { name: 'Undo' }).click()
    const table = tab.getByRole('table', { name: 'Measurements' })
    await table.getByRole('link').first().click()
    await section('Samples by distance').waitFor()
  })
})

describe('with confidence and classes', () => {
  it(
    'what the limit of large n needs and the per-class values are shown',
    async () => {
      await goTo('#/evaluate?samples=demo&reference=demo&confidence=yes&classes=yes')
      await tab.getByText(/are cached: takes seconds/).waitFor()
      await measureButton().click()
      await numbers()
        .getByText(/^needs 5,000 samples, [\d,]+ more$/)
        .waitFor({ timeout: SLOW })
      const classes = tab.getByRole('table', { name: 'Per-class values' })
      await classes.getByRole('button', { name: 'Fréchet' }).click()
      await expect.poll(hash).toContain('by=frechet')
      await tab
        .getByRole('group', { name: 'Nearest real images' })
        .getByText('A copy')
        .waitFor({ timeout: SLOW })
    },
    SLOW,
  )
})

describe('what cannot be measured', () => {
  const problem = (text: RegExp) => tab.getByText(text).first()

  it('the page shows what cannot be measured, by name', async () => {
    await goTo('#/evaluate')
    const field = tab.getByLabel('Image files')
    const statistics = (name: string, mu: Float64Array) =>
      writeNpz(join(files, name), {
        mu: { data: mu },
        sigma: { data: new Float64Array(mu.length ** 2), shape: [mu.length, mu.length] },
      })
    await statistics('nan.npz', Float64Array.of(0, NaN))
    await field.setInputFiles(join(files, 'nan.npz'))
    await problem(/nan\.npz: mu contains NaN at element 1/).waitFor()
    await statistics('cut.npz', new Float64Array(3))
    truncateSync(join(files, 'cut.npz'), 200)
    await field.setInputFiles(join(files, 'cut.npz'))
    await problem(/cut\.npz: /).waitFor()
    await statistics('three.npz', new Float64Array(3))
    await field.setInputFiles(join(files, 'three.npz'))
    await tab.getByLabel('Reference', { exact: true }).selectOption('three.npz')
    await problem(/three\.npz: wrong dimensions for dinov2 features \(found 3, expected/).waitFor()
    await tab.getByRole('button', { name: 'Remove three.npz from the list' }).click()
    await tab.getByLabel('Reference', { exact: true }).selectOption('demo')
  })

  it('reports a set of one image, and warns of lossy files', async () => {
    const picture = join(demoFolder(), 'images', readdirSync(join(demoFolder(), 'images'))[0]!)
    const [first, second] = readdirSync(picture)
    mkdirSync(join(files, 'one'))
    cpSync(join(picture, first!), join(files, 'one', 'a.png'))
    mkdirSync(join(files, 'lossy'))
    for (const name of [first!, second!])
      await sharp(readFileSync(join(picture, name)))
        .jpeg()
        .toFile(join(files, 'lossy', `${name}.jpg`))
    await tab.getByLabel('Image folder').setInputFiles(join(files, 'one'))
    await tab.getByLabel('Samples', { exact: true }).selectOption('one')
    await problem(/one: needs at least 2 images, got 1/).waitFor()
    await tab.getByLabel('Image folder').setInputFiles(join(files, 'lossy'))
    await tab.getByLabel('Samples', { exact: true }).selectOption('lossy')
    await tab.getByText(/^2 of 2 images in .*lossy are JPEG or WebP/).waitFor()
  })

  it(
    'reports images of different sizes; measures them after resizing to one size',
    async () => {
      mkdirSync(join(files, 'sizes'))
      for (const [i, side] of [64, 64, 48, 64].entries())
        await sharp({
          create: { width: side, height: side, channels: 3, background: { r: 99 * i, g: 99, b: 99 } },
        })
          .png()
          .toFile(join(files, 'sizes', `${i}.png`))
      writeFileSync(join(files, 'sizes', '3.png'), 'no image')
      await tab.getByLabel('Image folder').setInputFiles(join(files, 'sizes'))
      await tab.getByLabel('Samples', { exact: true }).selectOption('sizes')
      await measureButton().click()
      await problem(/image sizes differ: 64 x 64 \(2 images\), 48 x 48 \(1, the first is 2\.png\)/).waitFor({
        timeout: SLOW,
      })
      await problem(/1 of 4 images cannot be read/).waitFor()
      await problem(/^3\.png: not a readable image/).waitFor()
      // The field that mends it has the focus.
      await expect
        .poll(() => tab.getByLabel('Resize and crop to').evaluate((field) => field.matches(':focus')))
        .toBe(true)
      await tab.getByRole('button', { name: 'Skip 1 and record it, resize all to 64' }).waitFor()
      await tab.keyboard.type('32')
      await tab.getByLabel('Resize and crop to').press('Tab')
      const rows = tab.getByRole('list', { name: 'Running and queued measurements' })
      await rows.getByRole('button', { name: 'Dismiss' }).click()
      await measureButton().click()
      await tab.getByRole('button', { name: 'Skip 1 and record it', exact: true }).click()
      await numbers()
        .getByText('Resize(32, bicubic) + CenterCrop(32), PIL')
        .first()
        .waitFor({ timeout: SLOW })
      await numbers()
        .getByText(/^3\.png: not a readable image/)
        .waitFor()
      await goTo('#/evaluate')
    },
    SLOW,
  )
})

describe('published results', () => {
  it('published results are sorted and filtered, with own measurements listed separately', async () => {
    await goTo('#/evaluate')
    await tab.getByRole('link', { name: 'Published results' }).click()
    const rows = tab.getByRole('table', { name: 'Published results' }).locator('tbody tr')
    await expect.poll(() => rows.count()).toBe(10)
    await tab.getByRole('columnheader', { name: 'FID' }).first().getByRole('button').click()
    await expect.poll(async () => rows.first().textContent()).toContain('4.59')
    await tab.getByLabel('Type').selectOption('GAN')
    await expect.poll(() => rows.count()).toBe(1)
    await tab.reload()
    await expect.poll(() => rows.count()).toBe(1)
    await tab.getByRole('radio', { name: 'Class-conditional' }).check()
    await tab.getByLabel('Type').selectOption('all')
    await expect.poll(() => rows.count()).toBe(20)
    await tab.getByRole('radio', { name: 'Linear probe' }).check()
    await expect.poll(() => rows.count()).toBe(9)
    await tab.getByRole('radio', { name: 'Unconditional' }).check()
    const own = tab.getByRole('table', { name: 'Measured here' })
    await own.getByText('not comparable').first().waitFor()
    await own.getByText('DINOv2 features: no FID').first().waitFor()
  })
})

describe('the pages', () => {
  it('the pages have no serious accessibility violation', async () => {
    const { key } = await stored()
    const page = await workbench.visit('#/evaluate?protocol=adm', { bypassCSP: true })
    await page.getByRole('table', { name: 'Measurements' }).waitFor()
    await page.getByText('Missing:').waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto(page.url().replace(/#.*/, `#/evaluate/${key.slice(0, 16)}`))
    await page.getByRole('list', { name: 'Farthest samples' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto(page.url().replace(/#.*/, '#/published'))
    await page.getByRole('table', { name: 'Measured here' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })
})

describe('Inception’s weights', () => {
  it(
    'Inception weights are requested; those of another release are refused, the right ones accepted',
    async () => {
      await goTo('#/evaluate?protocol=torch-fidelity&samples=demo&reference=demo')
      await tab.getByText('weights-inception-2015-12-05-6726825d.pth', { exact: false }).waitFor()
      expect(await measureButton().isDisabled()).toBe(true)
      const weights = tab.getByLabel('Weights file')
      const later = join(files, 'inception_v3_google-0cc3c7bd.safetensors')
      // Its classes are looked at before the layers between, which can be small.
      const between = [...inceptionShapes().keys()].filter((name) => /^Mixed_(6|7[ab])/.test(name))
      await writeEmptyInception(later, {
        ...Object.fromEntries(between.map((name) => [name, [1]])),
        'fc.weight': [1000, 2048],
        'fc.bias': [1000],
      })
      await weights.setInputFiles(later)
      await tab
        .getByText(/not the Inception-v3 used for FID \(fc\.weight has 1000 classes, expected 1008\)/)
        .waitFor({
          timeout: SLOW,
        })
      expect(await measureButton().isDisabled()).toBe(true)
      const right = join(files, 'weights-inception-2015-12-05-6726825d.safetensors')
      await writeEmptyInception(right)
      await weights.setInputFiles(right)
      await expect.poll(() => tab.getByText('Missing:').count(), { timeout: SLOW }).toBe(0)
      // The network itself is tested with the engine.
      await expect.poll(() => measureButton().isDisabled()).toBe(false)
    },
    SLOW,
  )
})

describe('cluster usage', () => {
  it(
    'cluster usage is compared once both atlases are built',
    async () => {
      await goTo(`#/evaluate/${(await stored()).key.slice(0, 16)}`)
      const usage = section('Cluster usage')
      const builds = usage.getByRole('button', { name: /^Build the atlas of/ })
      await expect.poll(() => builds.count()).toBe(2)
      await builds.first().click()
      await expect.poll(() => builds.count()).toBe(1)
      await builds.first().click()
      const under = usage.getByRole('heading', { name: /^Under-used by the samples/ })
      await under.waitFor({ timeout: SLOW })
      await usage.getByText('Jensen–Shannon', { exact: true }).waitFor()
      await usage.getByText(/Against the same [\d,]+ real images/).waitFor()
      // Only what differs by more than chance is listed, at most eight of it.
      const certain = Number(/([\d,]+) for certain/.exec((await under.textContent())!)![1]!.replace(',', ''))
      const listed = usage.getByRole('list', { name: 'Under-used by the samples' })
      expect(await listed.getByRole('link', { name: /^Cluster \d+$/ }).count()).toBe(Math.min(8, certain))
    },
    SLOW,
  )
})

describe('5,000 measurements', () => {
  it('5,000 measurements are searched and sorted while only the rows on screen are rendered', async () => {
    const one = await stored()
    const [run] = readdirSync(join(workbench.workspace, 'runs'))
    const lines = Array.from({ length: 5000 }, (_, i) => ({
      ...one,
      key: i.toString(16).padStart(16, '0').padEnd(64, 'f'),
      results: { ...one.results, frechet_dinov2_distance: 1000 + i },
      timestamp: one.timestamp - i,
    }))
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    appendFileSync(join(workbench.workspace, 'runs', run!, 'metrics.jsonl'), text)
    const page = await workbench.visit('#/evaluate?sort=frechet_dinov2_distance&order=down')
    const table = page.getByRole('table', { name: 'Measurements' })
    await table.getByText('5999.0', { exact: true }).waitFor()
    expect(Number(await table.getAttribute('aria-rowcount'))).toBeGreaterThan(5000)
    expect(await table.getByRole('row').count()).toBeLessThan(60)
    const scroller = page.getByRole('group', { name: 'Measurements, scrollable' })
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await expect.poll(() => table.getByText('5999.0', { exact: true }).count()).toBe(0)
    const last = Number(await table.getAttribute('aria-rowcount'))
    await expect.poll(() => table.locator(`[aria-rowindex="${last}"]`).isVisible()).toBe(true)
    expect(await table.getByRole('row').count()).toBeLessThan(60)
    await page.context().close()
  })

  it('the pages logged no errors', () => {
    expect(workbench.errors).toEqual([])
  })
})
