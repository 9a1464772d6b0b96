// The studio in a real browser over the real engine: pins are kept, the rest is resampled.
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './stage/accessibility.ts'
import { images, openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

/** A shared machine may take this long for a few pictures. */
const SLOW = 90_000
const SIDE = 16

let workbench: Workbench
let tab: Page
/** Address of the image in the studio. */
let parent = ''
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('#/sample')
  await startRun(tab, { Images: 2, Seed: 7 })
  await waitForImages(tab, 2)
  await images(tab).nth(1).click()
  await tokens().waitFor()
  parent = hash()
})
afterAll(() => workbench?.close())

const hash = () => new URL(tab.url()).hash
const tokens = (page = tab) => page.getByRole('img', { name: 'Discriminative tokens' })
const codes = () => tab.getByRole('img', { name: 'VQGAN codes' })
const results = () => tab.getByRole('region', { name: 'Results' })
const variants = () => tab.getByRole('spinbutton', { name: 'Variants' })
const heading = (page = tab) => page.getByRole('heading', { level: 1 })

/** The record of the image whose address in the studio this is. */
async function recordAt(address: string) {
  const [, run, image] = /^#\/sample\/([^/]+)\/(\d+)/.exec(address)!
  return (await workbench.api()).readRecord(run!, Number(image))
}
const tokensAt = async (address: string) => [...(await recordAt(address)).discriminative!.tokens]
const codesAt = async (address: string) => [...(await recordAt(address)).codes.tokens]

/** Clicks cells of a grid, or drags from the first to the last. */
async function press(grid: ReturnType<typeof tokens>, cells: readonly number[]): Promise<void> {
  const { x, y, width } = (await grid.boundingBox())!
  const point = (cell: number) =>
    [
      x + (((cell % SIDE) + 0.5) * width) / SIDE,
      y + ((Math.floor(cell / SIDE) + 0.5) * width) / SIDE,
    ] as const
  await tab.mouse.move(...point(cells[0]!))
  await tab.mouse.down()
  for (const cell of cells.slice(1)) await tab.mouse.move(...point(cell), { steps: 3 })
  await tab.mouse.up()
}

/** Waits until the newest run in the results has its pictures, and opens the first. */
async function openNewest(title: RegExp): Promise<string> {
  const row = results().getByRole('article', { name: title }).first()
  await row.getByRole('button', { name: 'Compare' }).waitFor({ timeout: SLOW })
  await row.getByRole('button', { name: /^Image 0/ }).click()
  await expect.poll(hash, { timeout: SLOW }).not.toContain(parent)
  await heading().getByText('Image 0').waitFor()
  return hash()
}
async function back(): Promise<void> {
  await tab.getByRole('button', { name: /^from image/ }).click()
  await heading().getByText('Image 1').waitFor()
}

const pinnedCells = Array.from({ length: 256 }, (_, cell) => cell).filter((cell) => {
  const [row, column] = [Math.floor(cell / SIDE), cell % SIDE]
  return row >= 3 && row <= 9 && column >= 4 && column <= 11
})

describe('pins', () => {
  it('a drag pins cells, which stay unchanged when the rest is resampled', async () => {
    await press(tokens(), [3 * SIDE + 4, 9 * SIDE + 11])
    await tab.getByText('56 pinned').waitFor()
    await variants().fill('1')
    await tab.getByRole('button', { name: /^Resample 200 free cells/ }).click()
    const child = await openNewest(/^200 cells resampled/)
    const [before, after] = [await tokensAt(parent), await tokensAt(child)]
    expect(pinnedCells.filter((cell) => before[cell] !== after[cell])).toEqual([])
    expect(before.filter((token, cell) => after[cell] !== token).length).toBeGreaterThan(0)
    const pinned = (await recordAt(child)).discriminative!.pinned!
    expect([...pinned.keys()].filter((cell) => pinned[cell])).toEqual(pinnedCells)
    await tab.getByRole('button', { name: 'Pin the 56 originally pinned cells' }).click()
    await tab.getByText('56 pinned').waitFor()
    await back()
  })

  it('pins survive a change of image and a reload, and are undone step by step', async () => {
    await tab.getByText('56 pinned').waitFor()
    await tab.reload()
    await tab.getByText('56 pinned').waitFor()
    await press(tokens(), [0])
    await tab.keyboard.press('Space')
    await tab.getByText('57 pinned').waitFor()
    await tab.keyboard.press('i')
    await tab.getByText('199 pinned').waitFor()
    await tab.keyboard.press('Control+z')
    await tab.keyboard.press('Control+z')
    await tab.getByText('56 pinned').waitFor()
    await tab.keyboard.press('Control+Shift+z')
    await tab.getByText('57 pinned').waitFor()
    await tab.keyboard.press('Escape')
    await tab.getByText(/\d pinned/).waitFor({ state: 'hidden' })
  })

  it('pinned codes are kept while the other codes are resampled, with the same tokens', async () => {
    await press(codes(), [0])
    await tab.getByRole('radio', { name: 'Codes' }).and(tab.locator(':checked')).waitFor()
    await tab.getByRole('button', { name: 'Row', exact: true }).click()
    await tab.getByRole('button', { name: 'Invert' }).click()
    await tab.getByText('240 pinned').waitFor()
    await tab.keyboard.press('Enter')
    const child = await openNewest(/^16 codes resampled by AR/)
    expect(await tokensAt(child)).toEqual(await tokensAt(parent))
    expect((await codesAt(child)).slice(16)).toEqual((await codesAt(parent)).slice(16))
    await back()
  })
})

describe('a branch', () => {
  it('a branch keeps the cells before the selected cell and resamples the rest', async () => {
    await tab.getByRole('radio', { name: 'Tokens' }).check()
    await press(tokens(), [102])
    await tab.keyboard.press('n')
    await tab.getByText('102 pinned').waitFor()
    const row = results().getByRole('article', { name: '154 cells resampled, then codes by AR' })
    // Its images are not needed; a fast machine may have made them already.
    const cancel = row.getByRole('button', { name: 'Cancel' })
    await cancel
      .or(row.getByRole('button', { name: 'Gallery' }))
      .first()
      .waitFor()
    await cancel.click({ timeout: 2000 }).catch(() => undefined)
    await tab.keyboard.press('Control+z')
    await tab.getByText('102 pinned').waitFor({ state: 'hidden' })
  })
})

describe('a token put in by hand', () => {
  const cell = 6 * SIDE + 6
  const shown = () => tab.locator('[data-value=token]').textContent()
  it('undo reverts a token set by hand', async () => {
    await press(tokens(), [cell])
    const original = (await tokensAt(parent))[cell]!
    expect(await shown()).toBe(String(original))
    await tab.getByLabel('New token').fill(String(original === 5 ? 6 : 5))
    await tab.getByRole('button', { name: 'Set token' }).click()
    await tab.getByText(`was ${original}`).waitFor()
    await heading().click()
    await tab.keyboard.press('Control+z')
    await expect.poll(shown, { timeout: SLOW }).toBe(String(original))
    await tab.keyboard.press('Control+Shift+z')
    await tab.getByText(`was ${original}`).waitFor()
  })
  it('a token set by hand is decoded with all other tokens unchanged', async () => {
    await tab.getByRole('button', { name: /^Decode/ }).click()
    const child = await openNewest(/^1 code resampled by AR/)
    const expected = await tokensAt(parent)
    expected[cell] = expected[cell] === 5 ? 6 : 5
    expect(await tokensAt(child)).toEqual(expected)
    await back()
  })
})

/** A number in the panel next to the grids. */
const number = async (name: string) => {
  const row = tab.getByRole('complementary', { name: 'Cell' }).locator('dl div')
  return (await row.filter({ hasText: name }).last().locator('dd').textContent({ timeout: SLOW }))!
}
/** The shown values of a cell match the record: float32 sums in another order, shown in three digits. */
async function expectRecorded(drawn: object, cell: number): Promise<void> {
  const { tokens, logProbabilities, ranks, entropies } = drawn as Record<string, ArrayLike<number>>
  const sampled = `Sampled ${tokens![cell]}`
  await tab.getByText('Surviving tokens').waitFor({ timeout: SLOW })
  const close = (told: string, recorded: number) =>
    expect(Math.abs(Number(told.replace('−', '-')) - recorded)).toBeLessThan(0.002)
  close(await number(`${sampled}: log-probability`), logProbabilities![cell]!)
  // The record has the entropy before top-k, and the image was sampled at temperature 1.
  close((await number('Entropy, T = 1')).split(' → ')[0]!, entropies![cell]!)
  expect(await number(`${sampled}: rank`)).toBe(String(ranks![cell]! + 1))
}

describe('the truth of a cell', () => {
  it('the sampler shows the recorded values with the settings of the image', async () => {
    const cell = 8 * SIDE + 8
    await press(tokens(), [cell])
    await expectRecorded((await recordAt(parent)).discriminative!, cell)
    expect(await number('Surviving tokens')).toMatch(/^200 of/)
  })
  it('a token set by hand has its own numbers, beside those of the sampled one', async () => {
    const cell = 8 * SIDE + 8
    const drawn = (await recordAt(parent)).discriminative!
    const bar = tab.locator('button[title^="Set the cell to token"]').filter({ hasNotText: 'drawn' }).first()
    const [, token, rank] = /token (\d+)\. Rank (\d+)/.exec((await bar.getAttribute('title'))!)!
    await bar.click()
    await tab.getByText(`As recorded for token ${drawn.tokens[cell]}, which was sampled here`).waitFor()
    expect(await number(`Set ${token}: rank`)).toBe(rank)
    await expectRecorded(drawn, cell)
    await tab.keyboard.press('Control+z')
    await tab.getByText('As recorded for token').waitFor({ state: 'detached' })
  })
  it('the sampler follows the settings', async () => {
    await tab.getByRole('spinbutton', { name: 'Top-k' }).first().fill('3')
    await expect.poll(() => number('Surviving tokens'), { timeout: SLOW }).toMatch(/^3 of/)
    await tab.getByRole('spinbutton', { name: 'Top-p' }).first().fill('0.999')
    await tab.getByText('it replaces top-k, as in fairseq', { exact: false }).first().waitFor()
    await expect.poll(() => number('Surviving tokens'), { timeout: SLOW }).not.toMatch(/^3 of/)
    await tab.getByRole('button', { name: 'Settings of this image' }).click()
    await expect.poll(() => number('Surviving tokens'), { timeout: SLOW }).toMatch(/^200 of/)
  })
})

describe('the variance split', () => {
  it('the variance split decodes every grid with every random number, and its shares add up', async () => {
    await tab.getByRole('tab', { name: 'Variance split' }).click()
    await tab.getByRole('spinbutton', { name: 'Grids, and random numbers' }).fill('2')
    // Whatever the weights are, codes drawn at this temperature differ.
    await tab.getByRole('spinbutton', { name: 'Temperature' }).last().fill('3')
    await tab.getByRole('spinbutton', { name: 'Top-p' }).last().fill('0')
    await tab.getByRole('button', { name: 'Start: 4 images' }).click()
    const parts = tab.getByLabel('Shares of the variance')
    await parts.waitFor({ timeout: SLOW })
    const words = (part: string) => parts.locator(`[data-part=${part}] dd`).allTextContents()
    const numbers = await Promise.all(['stage1', 'stage2', 'interaction', 'total'].map(words))
    const shares = numbers.map((texts) => Number.parseFloat(texts[0]!.replace('−', '-')))
    expect(shares[3]).toBe(100)
    expect(shares[0]! + shares[1]! + shares[2]!).toBeCloseTo(100, 0)
    await tab.getByRole('tabpanel').getByRole('button', { name: 'Gallery' }).click()
    const run = new URLSearchParams(hash().split('?')[1]).get('run')!
    const api = await workbench.api()
    const pixels = await Promise.all(
      [0, 1, 2, 3].map(async (image) =>
        sharp(await api.readImage(run, image))
          .removeAlpha()
          .raw()
          .toBuffer(),
      ),
    )
    // Rows are grids: the first is that of the image itself.
    const grids = []
    for (const image of [0, 1, 2, 3]) grids.push(await tokensAt(`#/sample/${run}/${image}`))
    expect(grids[0]).toEqual(await tokensAt(parent))
    expect(grids[1]).toEqual(grids[0])
    expect(grids[3]).toEqual(grids[2])
    expect(grids[2]).not.toEqual(grids[0])
    const total = Number(/variance ([\d.]+)/.exec(numbers[3]!.join())![1])
    expect(total).toBeGreaterThan(0)
    expect(total).toBeCloseTo(totalVariance(pixels), 0)
  })
})

/** Of 2 grids and 2 noises, from differences: half the mean square of a diagonal, which changes both. */
function totalVariance(pictures: readonly Buffer[]): number {
  const [a, b, c, d] = pictures as [Buffer, Buffer, Buffer, Buffer]
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += ((a[i]! - d[i]!) ** 2 + (b[i]! - c[i]!) ** 2) / 4
  return sum / a.length
}

describe('the studio', () => {
  it('the studio decodes one grid with both stage 2 models and compares them', async () => {
    await tab.goto(tab.url().replace(/#.*/, parent))
    await tokens().waitFor()
    await tab.getByRole('button', { name: /^AR/ }).click()
    await expect.poll(hash, { timeout: SLOW }).toMatch(/^#\/compare\?images=/)
    const named = new URLSearchParams(hash().split('?')[1]).get('images')!.split(',')
    const [ar, nar] = named.map((name) => `#/sample/${name.replace(':', '/')}`)
    expect(await tokensAt(ar!)).toEqual(await tokensAt(parent))
    expect(await tokensAt(nar!)).toEqual(await tokensAt(parent))
    const recipes = (await Promise.all([recordAt(ar!), recordAt(nar!)])).map(
      ({ recipe }) => recipe as { readonly stage2?: { readonly kind: string } },
    )
    expect(recipes.map(({ stage2 }) => stage2?.kind)).toEqual(['stage2-ar', 'stage2-nar'])
    // The input of masked decoding is also recomputed.
    const cell = 120
    await tab.goto(tab.url().replace(/#.*/, `${nar}?grid=codes&cell=${cell}`))
    await tab.getByRole('button', { name: 'Settings of this image' }).click()
    await expectRecorded((await recordAt(nar!)).codes, cell)
  })

  it('has no serious accessibility violation', async () => {
    const page = await workbench.visit(`${parent}?cell=40&tab=variance`, { bypassCSP: true })
    await tokens(page).waitFor()
    await page.getByText('Surviving tokens').waitFor({ timeout: SLOW })
    expect(await violations(page)).toEqual([])
    await page.getByRole('tab', { name: /^Edits/ }).click()
    await images(page)
      .first()
      .waitFor({ state: 'attached', timeout: 1000 })
      .catch(() => undefined)
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('the studio reports a missing run or image', async () => {
    const page = await workbench.visit('#/sample/20200101-000000-none/3')
    await page.getByText('Run not found').waitFor()
    await page.goto(page.url().replace(/#.*/, parent.replace(/\/1$/, '/99')))
    await page.getByText('This image cannot be edited').waitFor()
    await page.context().close()
    workbench.errors.length = 0
  })
})

describe('live', () => {
  it('live mode makes a draft of each change, which can be kept', async () => {
    await tab.goto(tab.url().replace(/#.*/, '#/sample'))
    await waitForImages(tab, 1)
    await tab.getByText('Live', { exact: true }).click()
    await tab.getByRole('spinbutton', { name: 'Images of a draft' }).fill('2')
    const badge = tab.getByRole('region', { name: 'Run' }).getByText('Draft', { exact: true })
    await badge.waitFor()
    await tab.getByRole('button', { name: 'Keep' }).waitFor({ timeout: SLOW })
    await waitForImages(tab, 2)
    const first = hash()
    await tab.getByRole('spinbutton', { name: 'Temperature' }).first().fill('0.4')
    await expect.poll(hash, { timeout: SLOW }).not.toBe(first)
    // The new draft has drawn nothing yet, and the gallery is not empty.
    expect(await images(tab).count()).toBe(2)
    await tab.getByRole('button', { name: 'Keep' }).click({ timeout: SLOW })
    await badge.waitFor({ state: 'hidden' })
  })

  it('live mode follows pins in the studio and keeps the draft being edited', async () => {
    const first = hash()
    await tab.getByRole('spinbutton', { name: 'Temperature' }).first().fill('0.5')
    await expect.poll(hash, { timeout: SLOW }).not.toBe(first)
    await tab.getByRole('button', { name: 'Keep' }).waitFor({ timeout: SLOW })
    await images(tab).first().click()
    const draft = tab.getByRole('region', { name: 'Studio' }).getByText('Draft', { exact: true })
    await draft.waitFor()
    await press(tokens(), [0, 40])
    await results()
      .getByRole('article', { name: /^2\d\d cells resampled/ })
      .getByText('Draft', { exact: true })
      .waitFor()
    await draft.waitFor({ state: 'hidden' })
    await tab.getByText('Live', { exact: true }).click()
  })

  it('logged no errors', () => {
    expect(workbench.errors).toEqual([])
  })
})
