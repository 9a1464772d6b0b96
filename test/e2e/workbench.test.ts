// A day at the workbench, in a real browser over the real engine and the demo.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './stage/accessibility.ts'
import { DEMO_CLASSES } from '../demo.ts'
import { leftTelemetry } from '../telemetry.ts'
import { images, openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

let workbench: Workbench
let tab: Page
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('')
})
afterAll(() => workbench?.close())

/** RGB of each cell of a grid in Inspect. */
const cellColours = (grid: 'discriminative' | 'codes') =>
  tab
    .getByRole('img', { name: grid === 'codes' ? 'VQGAN codes' : 'Discriminative tokens' })
    .locator('canvas')
    .first()
    .evaluate((node) => {
      // Types of the page are not known here.
      const canvas = node as unknown as {
        readonly width: number
        readonly height: number
        getContext(of: '2d'): { getImageData(...box: number[]): { readonly data: Uint8ClampedArray } }
      }
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      return Array.from({ length: data.length / 4 }, (_, i) => [...data.subarray(4 * i, 4 * i + 3)])
    })

const heading = (page = tab) => page.getByRole('region', { name: 'Run' }).getByRole('heading', { level: 1 })
const status = (page = tab) => page.getByRole('contentinfo')

describe('sampling', () => {
  it('starts a draft on the very first visit', async () => {
    await tab.getByText('Draft', { exact: true }).waitFor()
    // A fast machine may be done before anything is seen of it, and before the key.
    const partial = tab.locator('canvas[data-stage=discriminative]').first()
    await partial.or(images(tab).first()).first().waitFor({ timeout: 90_000 })
    const about = tab.getByRole('complementary', { name: 'About DiGIT' })
    await about.getByText('Stage 1 samples a 16 × 16 grid of tokens').waitFor()
    await about.getByRole('button').click()
    await about.waitFor({ state: 'detached' })
    await tab.keyboard.press('Escape')
    await tab.getByText(/Cancelled|· 8 images$/).waitFor({ timeout: 90_000 })
    await tab.getByRole('button', { name: 'Keep' }).click()
    await tab.getByText('Draft', { exact: true }).waitFor({ state: 'hidden' })
    // A second visit must not start another one.
    await tab.reload()
    await tab.getByRole('heading', { name: 'Unconditional · AR · seed 0' }).waitFor()
    await tab.getByText('Idle').waitFor()
  })

  it('shows partial grids and then the first images of a run', async () => {
    await startRun(tab, { Images: 4, Seed: 7 })
    await tab.locator('canvas[data-stage=discriminative]').first().waitFor()
    await tab.locator('canvas[data-stage=codes]').first().waitFor()
    await waitForImages(tab, 4)
    expect(await heading().textContent()).toBe('Unconditional · AR · seed 7')
    await tab.getByText(/· 4 images$/).waitFor()
    expect(new URL(tab.url()).hash).toMatch(/^#\/sample\?run=/)
    // The next start has the next seed.
    expect(await tab.getByLabel('Seed', { exact: true }).inputValue()).toBe('8')
  })

  it('shows a problem next to the field, and does not start', async () => {
    const count = tab.getByRole('spinbutton', { name: 'Images' })
    await count.fill('0')
    await tab.getByText('At least 1', { exact: true }).waitFor()
    expect(await tab.getByRole('button', { name: /^Start/ }).isDisabled()).toBe(true)
    await tab.getByRole('button', { name: 'Images: reset to the published 16' }).click()
    expect(await count.inputValue()).toBe('16')
  })

  it('the keyboard skips the pages, and the controls of a page', async () => {
    const focused = (selector: string) =>
      tab.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)
    await tab.evaluate('document.activeElement.blur()')
    await tab.reload()
    const link = tab.getByRole('link', { name: 'Skip to the page' })
    await tab.getByRole('navigation', { name: 'Pages' }).waitFor()
    await tab.keyboard.press('Tab')
    expect((await link.boundingBox())!.y).toBeGreaterThanOrEqual(0)
    await tab.keyboard.press('Enter')
    await expect.poll(() => focused('main')).toBe(true)
    await link.focus()
    await tab.keyboard.press('Tab')
    await tab.keyboard.press('Enter')
    await expect.poll(() => focused('main section[aria-label=Run]')).toBe(true)
  })

  it('samples by class, found by part of its name', async () => {
    await tab.getByRole('radio', { name: 'By class' }).check()
    await tab.getByLabel('Search classes').fill(DEMO_CLASSES[3]!.slice(2))
    await tab.getByRole('option', { name: DEMO_CLASSES[3]! }).click()
    await startRun(tab, { Images: 1 })
    await tab.getByRole('heading', { name: `${DEMO_CLASSES[3]} · AR · seed 8` }).waitFor()
    await waitForImages(tab, 1)
    await tab.getByLabel('Search classes').fill('0-1, 5')
    await tab.getByRole('button', { name: 'All found' }).click()
    const chosen = tab.getByRole('list', { name: 'Selected classes' }).getByRole('button')
    expect(await chosen.allInnerTexts()).toEqual([0, 1, 5].map((index) => DEMO_CLASSES[index]))
    await chosen.first().click()
    await expect.poll(() => chosen.allInnerTexts()).toEqual([1, 5].map((index) => DEMO_CLASSES[index]))
    // A sweep takes these classes, and says what that does to its distances.
    const rail = tab.getByRole('navigation', { name: 'Pages' })
    await rail.getByRole('link', { name: 'Curves' }).click()
    await tab.getByText(`Samples have 2 of ${DEMO_CLASSES.length} classes.`).waitFor()
    await rail.getByRole('link', { name: 'Sample' }).click()
    await tab.getByRole('radio', { name: 'Unconditional' }).check()
  })

  it('a cancelled run keeps its finished images', async () => {
    await startRun(tab, { Images: 64, Batch: 2, Seed: 20 })
    await tab.getByRole('heading', { name: 'Unconditional · AR · seed 20' }).waitFor()
    // The legend names what is in the tokens of an image that has no pixels yet.
    await tab
      .locator('.images:has(canvas[data-stage=discriminative])')
      .getByRole('region', { name: 'Named clusters in the image' })
      .locator('.row')
      .first()
      .waitFor()
    await waitForImages(tab, 2)
    await tab.keyboard.press('Escape')
    const told = await tab.getByText(/Cancelled · \d+ of 64/).textContent()
    const finished = Number(/(\d+) of 64/.exec(told!)![1])
    expect(finished).toBeGreaterThanOrEqual(2)
    await expect.poll(() => images(tab).count()).toBe(finished)
  })
})

describe('names of clusters', () => {
  it('the legend names what is in an image, and marks its cells', async () => {
    const api = await workbench.api()
    const run = new URLSearchParams(new URL(tab.url()).hash.split('?')[1]).get('run')!
    const labels = new Map(
      (await api.readCodebookLabels('discriminative')).map(({ entry, label }) => [entry, label]),
    )
    const made = (await api.listImages(run)).map(({ image }) => image)
    const found = (await api.readTokens(run, made)).find(({ discriminative }) =>
      discriminative!.some((token) => labels.has(token)),
    )!
    const named = new Set(found.discriminative!.filter((token) => labels.has(token)))
    await tab.locator(`[data-index="${made.indexOf(found.image)}"]`).focus()
    await tab.getByText(`Image ${found.image}`, { exact: true }).waitFor()
    const rows = tab.getByRole('region', { name: 'Named clusters in the image' }).getByRole('button')
    await expect
      .poll(() => rows.locator('span').allInnerTexts())
      .toEqual([...new Set([...named].map((token) => labels.get(token)))])
    await rows.first().hover()
    await tab.locator('canvas[data-veil]').waitFor()
    await tab.mouse.move(5, 5)
    await tab.locator('canvas[data-veil]').waitFor({ state: 'detached' })
  })
})

describe('inspecting', () => {
  it('a click opens an image and marks the same cell in all three grids', async () => {
    await images(tab).nth(1).click()
    await tab.getByRole('region', { name: 'Studio' }).waitFor()
    await tab.getByRole('button', { name: 'Inspect' }).click()
    await tab.getByRole('heading', { name: 'Image 1' }).waitFor()
    await tab.getByRole('img', { name: 'VQGAN codes' }).waitFor()
    expect(new URL(tab.url()).hash).toMatch(/^#\/inspect\/.+\/1$/)
    const grid = tab.getByRole('img', { name: 'VQGAN codes' })
    const { width, height } = (await grid.boundingBox())!
    await grid.hover({ position: { x: (width * 4.5) / 16, y: (height * 10.5) / 16 } })
    await expect.poll(marks).toEqual(['164', '164', '164'])
    await tab.getByRole('region', { name: 'Cell' }).getByText('row 10, column 4').waitFor()
  })

  it('tokens have the color of their meaning, and others on request', async () => {
    const api = await workbench.api()
    const [, run = '', image = ''] = /inspect\/(.+)\/(\d+)/.exec(tab.url())!
    for (const grid of ['discriminative', 'codes'] as const) {
      const { tokens } = (await api.readRecord(run, Number(image)))[grid]!
      const { meaning } = await api.readTokenColours(grid)
      const expected = Array.from(tokens, (token) => [...meaning.subarray(token * 3, token * 3 + 3)])
      await expect.poll(() => cellColours(grid)).toEqual(expected)
    }
    const before = await cellColours('discriminative')
    await tab.getByRole('button', { name: 'Token colors' }).click()
    const choice = tab.getByRole('dialog', { name: 'Token colors' })
    await choice.getByRole('radio', { name: /^Appearance/ }).check()
    await choice.getByText('This needs an atlas of the codebook').waitFor()
    expect(await cellColours('discriminative')).toEqual(before)
    await choice.getByRole('radio', { name: /^Distinct/ }).check()
    await expect.poll(() => cellColours('discriminative')).not.toEqual(before)
    await tab.keyboard.press('Escape')
    await choice.waitFor({ state: 'hidden' })
    await tab.reload()
    await expect.poll(() => cellColours('discriminative')).not.toEqual(before)
    for (let i = 0; i < 2; i++) await tab.keyboard.press('t')
    await expect.poll(() => cellColours('discriminative')).toEqual(before)
  })

  it('arrow keys move the cell, which is kept in the address', async () => {
    await tab.getByRole('img', { name: 'Pixels' }).click({ position: { x: 2, y: 2 } })
    await tab.mouse.move(5, 5)
    await tab.keyboard.press('ArrowRight')
    await tab.keyboard.press('ArrowDown')
    await expect.poll(marks).toEqual(['17', '17', '17'])
    expect(new URL(tab.url()).hash).toContain('cell=17')
  })

  it('shows how each token was sampled', async () => {
    const cells = await tab
      .getByRole('row', { name: /^VQGAN codes/ })
      .getByRole('cell')
      .allTextContents()
    const [token, same, probability, logProbability] = cells
    expect(Number(token)).toBeGreaterThanOrEqual(0)
    expect(Number(same)).toBeGreaterThan(0)
    const likely = Math.exp(Number(logProbability!.replace('−', '-'))) * 100
    expect(Math.abs(Number.parseFloat(probability!) - likely)).toBeLessThan(0.6)
  })

  it('restores one setting of an image, or all of them', async () => {
    await tab.keyboard.press('1')
    await tab.getByLabel('Temperature').first().fill('0.5')
    await tab.getByLabel('Seed', { exact: true }).fill('999')
    await tab.goBack()
    await tab.getByRole('button', { name: 'Restore Stage 1 Temperature' }).click()
    await tab.goForward()
    expect(await tab.getByLabel('Temperature').first().inputValue()).toBe('1')
    expect(await tab.getByLabel('Seed', { exact: true }).inputValue()).toBe('999')
    await tab.goBack()
    await tab.getByRole('button', { name: 'Restore all' }).click()
    expect(await tab.getByLabel('Seed', { exact: true }).inputValue()).toBe('20')
    expect(await tab.getByRole('spinbutton', { name: 'Images' }).inputValue()).toBe('64')
  })
})

describe('the workbench', () => {
  it('keeps its state over a reload', async () => {
    await tab.keyboard.press('2')
    await tab.getByRole('heading', { name: 'All runs' }).waitFor()
    await tab.getByLabel('Seed', { exact: true }).selectOption('7')
    await expect.poll(() => images(tab).count()).toBe(4)
    await tab.reload()
    await expect.poll(() => images(tab).count()).toBe(4)
    await tab.keyboard.press('1')
    expect(await tab.getByLabel('Seed', { exact: true }).inputValue()).toBe('20')
  })

  it('shows a run in two tabs at once', async () => {
    const other = await workbench.visit('#/sample')
    await startRun(tab, { Images: 2, Seed: 31 })
    await other.getByRole('heading', { name: 'Unconditional · AR · seed 31' }).waitFor()
    await waitForImages(other, 2)
    await other.context().close()
  })

  it('recovers from a killed engine with every image', async () => {
    await waitForImages(tab, 2)
    // The page itself notes it: an engine that is back at once leaves it on screen only briefly.
    await tab.evaluate(`globalThis.wasLost = new Promise((resolve) =>
      new MutationObserver((_, observer) => {
        if (!document.querySelector('footer').textContent.includes('Connection lost')) return
        observer.disconnect()
        resolve(true)
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
    )
    0`)
    process.kill(workbench.host.enginePid()!, 'SIGKILL')
    expect(await tab.evaluate('wasLost')).toBe(true)
    await status().getByText('Connected').waitFor({ timeout: 30_000 })
    await tab.getByRole('region', { name: 'Problems' }).getByRole('article').first().waitFor()
    for (const close of await tab.getByRole('button', { name: 'Dismiss' }).all()) await close.click()
    expect(await images(tab).count()).toBe(2)
    workbench.errors.length = 0
  })

  it.each([
    { width: 720, height: 450 },
    { width: 480, height: 360 },
  ])('a window of $width x $height shows the status line in full on every page', async (viewport) => {
    const page = await workbench.visit('#/sample', { viewport })
    for (const key of ['1', '2', '3', '4', '5', '6', '7', '8']) {
      await page.keyboard.press(key)
      const { y, height } = (await status(page).boundingBox())!
      expect(y + height, `page ${key}`).toBeLessThanOrEqual(viewport.height)
    }
    await page.keyboard.press('1')
    const start = (await page.getByRole('button', { name: 'Start', exact: false }).last().boundingBox())!
    expect(start.y + start.height).toBeLessThanOrEqual(viewport.height)
    await page.context().close()
  })

  it('lists the keyboard shortcuts', async () => {
    await tab.keyboard.press('?')
    await tab.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await tab.keyboard.press('Escape')
    await tab.getByRole('dialog').waitFor({ state: 'hidden' })
  })

  it('has no serious accessibility violation', async () => {
    const page = await workbench.visit('#/sample', { bypassCSP: true })
    await page.getByRole('radio', { name: 'By class' }).check()
    for (const key of ['1', '2', '3', '4']) {
      await page.keyboard.press(key)
      if (key === '2') {
        await page.getByRole('heading', { name: 'All runs' }).waitFor()
        await images(page).first().waitFor()
      }
      await page.waitForTimeout(300)
      expect(await violations(page), `page ${key}`).toEqual([])
      if (key === '2') {
        await images(page).first().click()
        await page.getByRole('heading', { name: 'Recipe' }).waitFor()
      }
    }
    await page.context().close()
  })

  it('logged no errors, and the engine reported to nobody', () => {
    expect(workbench.errors).toEqual([])
    expect(leftTelemetry(workbench.host.enginePid()!)).toBe(false)
  })
})

const marks = () =>
  tab.locator('[data-cell]').evaluateAll((all) => all.map((mark) => mark.getAttribute('data-cell')))
