// Sweeps and their curves in a real browser over the real engine: started, cancelled, extended, inspected point by point.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { resultColumn } from '../../src/renderer/state/app/column-numbers.ts'
import { addSet } from '../../src/engine/workspace/image-sets.ts'
import type { Stamp } from '../../src/shared/evaluation/evaluation.ts'
import { eventFile } from '../engine/logs/event-bytes.ts'
import { violations } from './stage/accessibility.ts'
import { LARGE, writeLargeSweep } from './stage/large-sweep.ts'
import { TIMEOUT_MS } from './stage/open-tabs.ts'
import { openWorkbench, type Workbench } from './stage/workbench.ts'

const SLOW = 300_000
const DISTANCE = 'frechet_dinov2_distance'

/** Keeps every name that a chart has had: a point may follow another within a second. */
const WATCH_LABELS = `
  globalThis.chartLabels = []
  new MutationObserver(() => {
    const label = document.querySelector('.chart [role=img]')?.getAttribute('aria-label')
    if (label && chartLabels.at(-1) !== label) chartLabels.push(label)
  }).observe(document.body, { subtree: true, childList: true, attributes: true })`

let workbench: Workbench
let tab: Page
let id = ''
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('#/curves')
}, SLOW)
afterAll(() => workbench?.close())

const hash = () => new URL(tab.url()).hash
const values = () => tab.getByRole('textbox', { name: 'Values of Temperature' })
const points = () => tab.getByRole('table', { name: 'Points' })
const chart = (count: number) =>
  tab.getByRole('img', { name: `FD (6-block ViT) against temperature, ${count} point` })
const samples = () => tab.getByRole('region', { name: 'Samples of the point' })
const column = (letter: string) => samples().getByRole('article', { name: `Point ${letter}` })
/** The last line that is kept of a point's measurements. */
const stampAt = (temperature: number) => {
  const lines = readFileSync(join(cell(temperature), 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
  return JSON.parse(lines.at(-1)!) as Stamp
}
const cell = (temperature: number) =>
  join(workbench.workspace, 'sweeps', id, 'cells', `temperature${temperature}`)

describe('a new sweep', () => {
  it('the form shows problems with values at their field', async () => {
    await tab.getByText('No sweeps yet').waitFor()
    for (const [typed, problem] of [
      ['0.8, two', "'two' is not a number"],
      ['0.8-1', "'0.8-1': fractional ranges need a step or a count: 0.8-1 (+0.1) or 0.8-1 [5]"],
      ['0', '0 is out of range (expected 0.01 to 100)'],
    ]) {
      await values().fill(typed!)
      await tab.getByText(problem!, { exact: true }).waitFor()
      expect(await values().getAttribute('aria-invalid')).toBe('true')
      expect(await tab.getByRole('button', { name: 'Start the sweep' }).isDisabled()).toBe(true)
    }
    await values().fill('0.8-1 (+0.1)')
    await tab.getByText('0.8, 0.9, 1', { exact: true }).waitFor()
    expect(await values().getAttribute('aria-invalid')).toBeNull()
  })

  it(
    'the form shows the cost, and the time after a speed test',
    async () => {
      await tab.getByRole('spinbutton', { name: 'Images' }).fill('2')
      await tab.getByText('6 images', { exact: true }).waitFor()
      await tab.getByText((6 * 512).toLocaleString('en-US'), { exact: true }).waitFor()
      await tab.getByRole('button', { name: 'Measure the speed' }).click()
      await tab.getByText(/^About \d+/).waitFor({ timeout: SLOW })
      await tab.getByText(/^based on a (short )?trial run/).waitFor()
    },
    SLOW,
  )

  it(
    'a running sweep draws its curve point by point',
    async () => {
      await tab.evaluate(WATCH_LABELS)
      await tab.getByRole('button', { name: 'Start the sweep' }).click()
      // A point that is looked at before it is sampled shows its images once there are some.
      await points().getByRole('button', { name: '1.0', exact: true }).hover()
      await column('A').getByText('Not sampled yet').waitFor()
      await chart(3).waitFor({ timeout: SLOW })
      await column('A').getByRole('img', { name: 'Image 1' }).waitFor()
      expect(await tab.getByText('Could not list the images').count()).toBe(0)
      await tab.mouse.move(0, 0)
      const seen = await tab.evaluate<string[]>('chartLabels')
      expect(seen.filter((label) => /, [12] points?$/.test(label))).not.toEqual([])
      await tab.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' })
      id = (await (await workbench.api()).listSweeps())[0]!.id
      expect(hash()).toBe(`#/curves/${id}?view=curve`)
    },
    SLOW,
  )
})

describe('a point', () => {
  it('a point opens its samples, with its results and their protocol', async () => {
    const row = points().getByRole('button', { name: '0.9', exact: true })
    await row.click()
    await column('A').getByRole('img', { name: 'Image 1' }).waitFor()
    expect(await column('A').getByRole('listitem').count()).toBe(2)
    const { results, reference } = stampAt(0.9)
    const distances = [0.8, 0.9, 1].map((temperature) => stampAt(temperature).results[DISTANCE]!)
    const words = resultColumn(distances)(results[DISTANCE]!)
    await column('A').getByText(words, { exact: true }).waitFor()
    await points().getByRole('cell', { name: words, exact: true }).waitFor()
    await column('A')
      .getByText(`sha256 ${reference.sha256.slice(0, 12)}`)
      .waitFor()
  })

  it('a point is also selected in the chart', async () => {
    // Symbols have the colour of their series; the line has none inside.
    const symbol = tab.locator('[role=img] path[fill="#0072b2"]').first()
    await symbol.click()
    // A hovered point is also shown; only the address tells that it is selected.
    await expect.poll(hash, { timeout: TIMEOUT_MS }).toContain('a=temperature0.8')
    await column('A').getByText('Temperature 0.8').waitFor()
  })

  it('two points are compared image by image, also after a reload', async () => {
    await points()
      .getByRole('button', { name: '1.0', exact: true })
      .click({ modifiers: ['Shift'] })
    await column('B').getByText('Temperature 1').waitFor()
    await column('B').getByRole('img', { name: 'Image 0' }).waitFor()
    await tab.reload()
    await column('A').getByText('Temperature 0.8').waitFor()
    await column('B').getByText('Temperature 1').waitFor()
    await samples().getByRole('button', { name: 'End comparison' }).click()
    await column('B').waitFor({ state: 'detached' })
    await tab.keyboard.press(']')
    await column('A').getByText('Temperature 0.9').waitFor()
  })

  it('each sample opens in Inspect', async () => {
    await column('A').getByRole('link').first().click()
    await expect.poll(hash).toBe(`#/inspect/${encodeURIComponent(`${id}@temperature0.9`)}/0`)
    const home = tab.getByRole('link', { name: 'Unconditional · AR · seed 0' })
    await home.waitFor()
    await tab.getByText('1 of 2', { exact: true }).waitFor()
    await home.click()
    await column('A').getByText('Temperature 0.9').waitFor()
    await tab.goBack()
    await tab.goBack()
    await chart(3).waitFor()
  })

  it('the CSV export contains the points with their protocol', async () => {
    const download = tab.waitForEvent('download')
    await tab.getByRole('button', { name: 'CSV' }).click()
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\r\n')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toBe('series,Temperature,FD (6-block ViT),protocol')
    expect(lines[3]).toContain(`,1,${stampAt(1).results[DISTANCE]},`)
  })

  it('the curve is placed in a figure, and its sweep can be chosen there', async () => {
    const curve = tab.url()
    const seriesOf = () => {
      const file = join(workbench.workspace, 'figures', 'chart', 'figure.json')
      const figure = JSON.parse(readFileSync(file, 'utf8')) as {
        rows: { series: { label: string; points: unknown[] }[] }[][]
      }
      return figure.rows[0]![0]!.series
    }
    await tab.getByRole('button', { name: 'Add to figure' }).click()
    await tab.getByText('A chart to place').waitFor()
    await tab.reload()
    await tab.getByRole('button', { name: 'New figure with it' }).click()
    await tab.getByLabel('Sweep for the chart').waitFor()
    expect(seriesOf()).toMatchObject([{ points: { length: 3 } }])
    await tab.getByLabel('Sweep for the chart').selectOption({ index: 1 })
    await tab.getByRole('button', { name: 'Add to the chart' }).click()
    await expect.poll(() => seriesOf().length).toBe(2)
    await tab.getByRole('button', { name: 'Use its curves' }).click()
    await expect.poll(() => seriesOf().map(({ points }) => points.length)).toEqual([3])
    await tab.goto(curve)
    await chart(3).waitFor()
  })
})

describe('a sweep that is there', () => {
  it(
    'a sweep is extended, cancelled and resumed, then removed and restored',
    async () => {
      await tab.keyboard.press('s')
      await tab.getByRole('button', { name: 'Extend', exact: true }).click()
      await values().fill('0.7, 0.8, 0.9, 1')
      await tab.getByText('3 already done').waitFor()
      await tab.getByRole('button', { name: 'Extend the sweep' }).click()
      await tab.getByRole('button', { name: 'Cancel' }).click()
      await tab.getByText('Stopped at 3 of 4 points').waitFor({ timeout: SLOW })
      await tab.getByRole('button', { name: 'Resume' }).click()
      await chart(4).waitFor({ timeout: SLOW })
      await tab.keyboard.press('s')
      await tab.getByRole('button', { name: 'Remove Temperature' }).click()
      await tab.getByText('No sweeps yet').waitFor()
      await tab.getByRole('button', { name: 'Undo' }).click()
      await tab.getByText(/^4 points of 2 images/).waitFor()
    },
    SLOW,
  )
})

describe('a training log', () => {
  const add = (name: string, bytes: Uint8Array) =>
    tab
      .locator('.tools input[type=file]')
      .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) })

  it(
    'a training log of 100,000 steps is drawn over the updates',
    async () => {
      const steps = Array.from({ length: 100_000 }, (_, step) => ({
        step,
        values: [['valid/loss', 8 - step / 20_000]] as [string, number][],
      }))
      await tab.keyboard.press('c')
      await add('notes.txt', new TextEncoder().encode('no log'))
      await tab.getByText(/notes\.txt: not a TensorBoard event file or a fairseq train\.log/).waitFor()
      await tab
        .getByRole('button', { name: /Dismiss|Close/ })
        .first()
        .click()
      await add('events.out.tfevents.1.host', eventFile(steps))
      await tab.getByText('100,000 values').waitFor({ timeout: SLOW })
      expect(await tab.getByLabel('X axis', { exact: true }).inputValue()).toBe('updates')
      await tab.locator('svg').getByText('Training log').waitFor()
      await tab.getByLabel('X axis', { exact: true }).selectOption({ label: 'Temperature' })
      await tab.getByText('Shown only against updates').waitFor()
      await tab.getByRole('button', { name: /^Remove events/ }).click()
      await chart(4).waitFor()
    },
    SLOW,
  )
})

describe('a linear probe', () => {
  it(
    'a linear probe shows layers as they finish, also after a reload',
    async () => {
      const folder = join(workbench.workspace, '..', 'two-classes')
      const pictures = join(demoFolder(), 'images')
      const classes = readdirSync(pictures).sort()
      for (const name of [classes[0]!, classes.at(-1)!]) {
        mkdirSync(join(folder, name), { recursive: true })
        for (const file of readdirSync(join(pictures, name)).sort())
          cpSync(join(pictures, name, file), join(folder, name, file))
      }
      await addSet(workbench.workspace, folder)
      await tab.reload()
      await tab.getByRole('navigation', { name: 'Pages' }).waitFor()
      await tab.reload()
      await tab.getByRole('navigation', { name: 'Pages' }).waitFor()
      // The page's keys work when it is there, which follows the rail.
      await tab.getByRole('heading', { name: 'Curves' }).waitFor()
      await tab.keyboard.press('p')
      await tab.getByText('No linear probe yet').waitFor()
      await tab.getByLabel('Pictures').selectOption({ label: 'two-classes' })
      await tab.getByRole('spinbutton', { name: 'Epochs' }).fill('0')
      await tab.getByText('At least 1').waitFor()
      await tab.getByRole('spinbutton', { name: 'Epochs' }).fill('5')
      await tab.getByRole('button', { name: 'Start the probe' }).click()
      await tab.getByRole('img', { name: /^Top-1 by layer/ }).waitFor({ timeout: SLOW })
      await tab.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached', timeout: SLOW })
      await tab.getByText('10 for training, 2 held out').waitFor()
      await tab.reload()
      await tab.getByText('10 for training, 2 held out').waitFor()
      await tab.getByRole('checkbox', { name: 'Published on ImageNet' }).check()
      await tab.locator('svg').getByText('DiGIT 732M').waitFor()
    },
    SLOW,
  )
})

describe('400 points', () => {
  it('a table of 400 points renders only the rows on screen, and every point can be selected', async () => {
    const count = writeLargeSweep(workbench.workspace)
    const page = await workbench.visit(`#/curves/${LARGE}?view=curve`)
    await page.getByRole('img', { name: `FD (6-block ViT) against temperature, ${count} points` }).waitFor()
    const table = page.getByRole('table', { name: 'Points' })
    expect(await table.getAttribute('aria-rowcount')).toBe(String(count + 1))
    expect(await table.getByRole('row').count()).toBeLessThan(60)
    await table.evaluate((element) => element.scrollTo(0, element.scrollHeight))
    await table.getByRole('button', { name: '1.75' }).last().click()
    const point = page.getByRole('article', { name: 'Point A' })
    await point.getByText('Temperature 1.75, top-k 400').waitFor()
    // One line for the floor that all points share.
    expect(await page.locator('svg').getByText('Real images, n = 24, m = 552').count()).toBe(1)
    // The error of its distance, which has a bar in the chart.
    await point.getByText(/^23\.\d+ ± 1\.\d+$/).waitFor()
    await page.context().close()
  })
})

describe('two sweeps in one chart', () => {
  it('two sweeps in one chart are distinguished and compared, also after a reload; one is removed again', async () => {
    const page = await workbench.visit(`#/curves/${id}?view=curve&a=temperature0.8`)
    const chart = (count: number) =>
      page.getByRole('img', { name: `FD (6-block ViT) against temperature, ${count} points` })
    await chart(4).waitFor()
    const beside = page.getByLabel('Add another sweep to the chart')
    await beside.selectOption(LARGE)
    await chart(404).waitFor()
    const other = `${LARGE}@temperature1.75-topk400`
    await page.goto(`${page.url()}&b=${encodeURIComponent(other)}`)
    await page.reload()
    await chart(404).waitFor()
    const point = (letter: string) => page.getByRole('article', { name: `Point ${letter}` })
    await point('A')
      .getByText(/ AR, .*· temperature 0\.8$/)
      .waitFor()
    await point('B')
      .getByText(/ NAR, .*· temperature 1\.75, top-k 400$/)
      .waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('list', { name: 'Other sweeps in the chart' }).getByRole('button').click()
    await chart(4).waitFor()
    await point('B').waitFor({ state: 'detached' })
    await point('A').getByText('Temperature 0.8').waitFor()
    expect(await point('A').getByText(/AR,/).count()).toBe(0)
    await page.context().close()
  })
})

describe('a verdict', () => {
  const form = () => tab.getByRole('form', { name: 'New verdict' })
  const result = () => tab.getByRole('region', { name: 'Verdict' })

  it(
    'a question is asked, stopped and resumed; its answer has the interval, the samples and what a paper needs',
    async () => {
      await tab.goto(tab.url().replace(/#.*/, '#/curves?view=verdict'))
      await tab.getByText('No verdicts yet').waitFor()
      await values().fill('0.6')
      await form().getByText('a verdict compares 2 to 8 settings (found 1)').waitFor()
      expect(await form().getByRole('button', { name: 'Start' }).isDisabled()).toBe(true)
      await values().fill('0.6, 1.4')
      await form().getByRole('spinbutton', { name: 'Images of each' }).fill('24')
      await form()
        .getByText('2 settings, compared at 24 images of each; at most 48 images in total.')
        .waitFor()
      await form().getByRole('button', { name: 'Start' }).click()
      await result().getByRole('img', { name: 'Image 0, temperature 0.6' }).waitFor({ timeout: SLOW })
      await result().getByRole('button', { name: 'Cancel' }).click()
      await result().getByText('Stopped before its answer').waitFor({ timeout: SLOW })
      await result().getByRole('button', { name: 'Resume' }).click()
      await result()
        .getByText(/^(Temperature (0\.6|1\.4) is better than|Cannot tell: FD \(6-block ViT\) of temperature)/)
        .waitFor({ timeout: SLOW })
      await result().getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached', timeout: SLOW })
      const [verdict] = await (await workbench.api()).listVerdicts()
      expect(verdict!.looks).toMatchObject([{ n: 24, level: 0.025, resamples: 200 }])
      // The distance of a look is that of the protocol, but for rounding: the protocol takes the roots of 168 eigenvalues
      // that are zero, the look takes those of 24 images.
      for (const { name, measured, images } of verdict!.settings) {
        const found = verdict!.looks[0]!.settings.find((setting) => setting.name === name)!
        expect(images).toBe(24)
        expect(found.fd).toBeCloseTo(measured!.results[DISTANCE]!, 4)
      }
      const kids = verdict!.settings.map(({ measured }) => measured!.results.kernel_dinov2_distance_mean!)
      const [pair] = verdict!.looks[0]!.pairs
      // The protocol's KID is of subsets of 24 of the reference's images, that of the look of all of them.
      expect(Math.sign(pair!.kid!.difference)).toBe(Math.sign(kids[0]! - kids[1]!))
      await result().getByRole('table', { name: 'Settings' }).getByText('24').first().waitFor()
      expect(await violations(tab)).toEqual([])
    },
    2 * SLOW,
  )

  it('a verdict becomes a figure, and its samples open in Inspect', async () => {
    const address = tab.url()
    await result().getByRole('button', { name: 'Add to figure' }).click()
    await tab.getByRole('button', { name: 'New figure with it' }).click()
    await tab.getByRole('region', { name: 'Fields of the panel: chart' }).waitFor()
    await tab.goto(address)
    await result().getByRole('link').first().click()
    await expect.poll(hash).toMatch(/^#\/inspect\/[^/]+%40temperature0\.6\/0$/)
    await tab.getByText('1 of 24', { exact: true }).waitFor()
    await tab.goBack()
    await result().waitFor()
  })

  it('a removed verdict is restored', async () => {
    await result().getByRole('button', { name: 'Remove Temperature: 0.6, 1.4' }).click()
    await tab.getByText('No verdicts yet').waitFor()
    await tab.getByRole('button', { name: 'Undo' }).click()
    await result().getByRole('table', { name: 'Settings' }).waitFor()
  })
})

describe('the page', () => {
  it('the page has no serious accessibility violation', async () => {
    const page = await workbench.visit('#/curves', { bypassCSP: true })
    await page.getByRole('list', { name: 'Sweeps' }).waitFor()
    expect(await violations(page)).toEqual([])
    for (const address of [
      `#/curves/${id}?view=curve&a=temperature0.8&b=temperature1`,
      '#/curves?view=probe',
      '#/curves?view=verdict',
    ]) {
      await page.goto(page.url().replace(/#.*/, address))
      await page.getByRole('img').first().waitFor()
      expect(await violations(page)).toEqual([])
    }
    await page.context().close()
  })

  it('the page logged no errors', () => {
    expect(workbench.errors).toEqual([])
  })
})
