// Regions in a real browser over the real engine: from a picture to its clusters and back, what the encoder sees in it,
// and interventions shown next to the original.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AtlasInfo } from '../../src/shared/atlas/atlas.ts'
import type { EngineApi } from '../../src/shared/contract/api.ts'
import { demoPicture } from '../demo.ts'
import { violations } from './stage/accessibility.ts'
import { openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

const SLOW = 240_000
const PICTURE = demoPicture(3)

let workbench: Workbench
let tab: Page
let id = ''
/** Address of the image that was changed. */
let studio = ''
let info: AtlasInfo
let api: EngineApi
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('#/regions')
  api = await workbench.api()
})
afterAll(() => workbench?.close())

const hash = () => new URL(tab.url()).hash
const to = (address: string) => tab.goto(tab.url().replace(/#.*/, address))
const heading = () => tab.getByRole('heading', { level: 1 })
const map = (name: string) => tab.getByRole('img', { name, exact: true })
const panel = () => tab.getByRole('complementary', { name: 'Clusters in the picture' })
/** Clicks the middle of a cell. */
async function clickCell(name: string, cell: number): Promise<void> {
  const { width, height } = (await map(name).boundingBox())!
  const at = (index: number, size: number) => (size * (index + 0.5)) / 16
  await map(name).click({ position: { x: at(cell % 16, width), y: at(Math.floor(cell / 16), height) } })
}
/** RGBA of every cell of a map. */
const pixelsOf = (name: string) =>
  map(name)
    .locator('canvas')
    .first()
    .evaluate(
      (canvas) =>
        Array.from(
          (
            canvas as unknown as {
              getContext(kind: '2d'): { getImageData(...box: number[]): { data: number[] } }
            }
          )
            .getContext('2d')
            .getImageData(0, 0, 16, 16).data,
        ) as number[],
    )

describe('a picture that is handed over', () => {
  it('a dropped picture is shown by its clusters, with a note about the missing atlas', async () => {
    const bytes = readFileSync(PICTURE)
    await tab
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'picture.png', mimeType: 'image/png', buffer: bytes })
    await heading().getByText('picture.png').waitFor()
    await panel().getByText('There is no atlas of these clusters yet').waitFor()
    await clickCell('Regions', 0)
    await expect.poll(hash).toContain('cell=0')
    expect(hash()).toMatch(/^#\/regions\/[0-9a-f]{16}\?/)
  })

  it('a dropped picture survives a reload, and is listed', async () => {
    await tab.reload()
    await heading().getByText('picture.png').waitFor()
    await panel().getByText('Patch 0', { exact: false }).first().waitFor()
    await to('#/regions')
    await tab
      .getByRole('navigation', { name: 'Recently opened' })
      .getByRole('link', { name: 'picture.png' })
      .click()
    await heading().getByText('picture.png').waitFor()
  })

  it('refuses a file that is not an image', async () => {
    await tab
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') })
    await tab.getByText('Could not open the picture').waitFor()
    await tab.getByRole('button', { name: 'Dismiss' }).first().click()
  })
})

describe('a picture of the atlas', () => {
  it(
    'a click on a region opens its cluster, which shows that region',
    async () => {
      await panel().getByRole('button', { name: 'Build it from the demo pictures' }).click()
      await panel().getByRole('link').first().waitFor({ timeout: SLOW })
      id = (await api.listAtlases())[0]!.id
      info = (await api.readAtlas(id)).info
      await to('#/clusters')
      await tab.getByRole('button', { name: 'Pictures' }).click()
      await heading().getByText('Picture 0').waitFor()
      expect(hash()).toBe(`#/regions/${id}/0?of=atlas`)
      const { tokens } = await api.readAtlasImage(id, 0)
      await expect.poll(() => panel().locator('ol li').count()).toBe(new Set(tokens).size)
      // A cell that is among the examples, so that it also appears there.
      const { image, cell } = (await api.readCluster(id, tokens[136]!)).bands[0]!.examples[0]!
      await to(`#/regions/${id}/${image}?of=atlas`)
      await heading().getByText(`Picture ${image}`, { exact: true }).waitFor()
      await panel().getByRole('link').first().waitFor()
      await clickCell('Regions', cell)
      await heading().getByText(`Cluster ${tokens[136]}`, { exact: true }).waitFor()
      const examples = tab.getByRole('region', { name: 'Examples' })
      await examples.getByText('The region you came from').waitFor()
      const marked = examples.locator('a[aria-current=true]')
      await expect.poll(() => marked.count()).toBe(1)
      await marked.getByRole('img', { name: new RegExp(`^Image ${image}, cell ${cell},`) }).waitFor()
      await marked.click()
      await heading().getByText(`Picture ${image}`, { exact: true }).waitFor()
      expect(hash()).toContain(`cell=${cell}`)
    },
    SLOW,
  )

  it('the maps show feature components and the similarity to a patch', async () => {
    // Away from the maps, where the pointer itself is compared with.
    await heading().hover()
    await tab.keyboard.press('Escape')
    await tab.getByText('Click a patch to compare all others with it').waitFor()
    await expect
      .poll(async () =>
        (await pixelsOf('Principal components')).every((value, i) => i % 4 < 3 || value === 255),
      )
      .toBe(true)
    const whole = await pixelsOf('Principal components')
    await clickCell('Principal components', 100)
    await tab.getByText('Cosine to patch 100', { exact: true }).waitFor()
    const near = await pixelsOf('Cosine to the patch')
    // The patch itself has the end of the scale.
    expect(near.slice(400, 403)).toEqual([254, 232, 56])
    await tab.keyboard.press('ArrowRight')
    await tab.getByText('Cosine to patch 101', { exact: true }).waitFor()
    expect(await pixelsOf('Cosine to the patch')).not.toEqual(near)
    await tab.getByLabel('PCA over').selectOption('4')
    const others = tab.getByRole('region', { name: 'Other pictures' })
    await expect.poll(() => others.getByRole('link').count()).toBe(3)
    await expect.poll(async () => (await pixelsOf('Principal components')).join()).not.toBe(whole.join())
    await tab.reload()
    await expect.poll(() => others.getByRole('link').count()).toBe(3)
    await tab.getByLabel('Foreground only').check()
    await expect
      .poll(async () =>
        (await pixelsOf('Principal components')).some((value, i) => i % 4 === 3 && value === 0),
      )
      .toBe(true)
    await others.getByRole('link').first().click()
    expect(hash()).toContain('joint=4')
  })

  it('regions merge equal neighbors, with outlines and opacity', async () => {
    const lines = map('Regions').locator('path.line')
    const merged = await lines.getAttribute('d')
    await tab.getByLabel('Merge').uncheck()
    await expect.poll(() => lines.getAttribute('d')).not.toBe(merged)
    await tab.keyboard.press('o')
    await expect.poll(() => lines.count()).toBe(0)
    await tab.getByRole('slider', { name: 'Opacity' }).fill('20')
    await expect.poll(() => map('Regions').locator('canvas').first().getAttribute('style')).toContain('0.2')
    await tab.keyboard.press('g')
    await expect.poll(() => tab.getByRole('radio', { name: 'VQGAN codes' }).isChecked()).toBe(true)
    await panel().getByText('There is no atlas of these VQGAN codes yet').waitFor()
  })
})

/** The run that was started last, once it is done. */
async function newestRun(count: number): Promise<string> {
  await expect.poll(async () => (await api.listImages(await latest())).length, { timeout: SLOW }).toBe(count)
  return latest()
}
const latestRun = async () =>
  [...(await api.snapshot()).runs].sort((a, b) => b.started.localeCompare(a.started))[0]!
const latest = async () => (await latestRun()).id
const recordOf = (run: string, image: number) => api.readRecord(run, image)
const pictureOf = async (run: string, image: number) =>
  sharp(await api.readImage(run, image))
    .raw()
    .toBuffer()

describe('an image that was drawn', () => {
  let run = ''
  it(
    'Inspect leads to the cluster of a cell, and to the regions of the image',
    async () => {
      await to('#/sample')
      await startRun(tab, { Images: 2, Seed: 3 })
      await waitForImages(tab, 2)
      run = await newestRun(2)
      await to(`#/inspect/${run}/1?cell=40`)
      const token = (await recordOf(run, 1)).discriminative!.tokens[40]!
      await tab
        .getByRole('region', { name: 'Cell' })
        .getByRole('link', { name: String(token) })
        .first()
        .click()
      await heading().getByText(`Cluster ${token}`, { exact: true }).waitFor()
      await tab.getByRole('link', { name: 'Image 1, cell 40' }).click()
      await heading().getByText('Image 1', { exact: true }).waitFor()
      const drawn = await pixelsOf('Regions')
      await tab.getByRole('radio', { name: 'Re-encoded' }).check()
      await expect.poll(async () => (await pixelsOf('Regions')).join()).not.toBe(drawn.join())
      await panel().getByText('encoded').waitFor()
    },
    SLOW,
  )

  it(
    'an intervention is decoded next to the original',
    async () => {
      const { tokens } = (await recordOf(run, 1)).discriminative!
      const cells = [...tokens.keys()].filter((cell) => tokens[cell] === tokens[40])
      studio = `#/sample/${run}/1?cell=40&side=intervene`
      await to(studio)
      const replace = tab.getByRole('region', { name: 'Replace' })
      await replace.getByText(`Everywhere ${cells.length}`).waitFor()
      const by = (await api.readCluster(id, tokens[40]!)).nearest.cosine[0]!.entry
      await replace
        .getByRole('button', { name: `${by} ` })
        .first()
        .click()
      const changes = tab.getByRole('region', { name: 'Changes' })
      await changes.getByText(`cluster ${tokens[40]} → ${by} in`).waitFor()
      await tab.getByRole('button', { name: 'Undo' }).click()
      await changes.getByText('None yet').waitFor()
      await tab.getByRole('button', { name: 'Redo' }).click()
      await changes.getByRole('button', { name: 'Decode next to the original' }).click()
      const row = tab.getByRole('region', { name: 'Results' }).getByRole('article')
      await row.getByText('Mean difference').waitFor({ timeout: SLOW })
      await row.getByRole('img', { name: 'Difference', exact: true }).waitFor()
      const child = await newestRun(3)
      expect((await latestRun()).request).toMatchObject({
        from: { run, image: 1 },
        commonNoise: 'stage2',
        noise: [1, 1, 2],
        changes: [{ grid: 'discriminative', how: 'entry', cells }],
      })
      const [original, changed] = [await recordOf(child, 0), await recordOf(child, 1)]
      expect(original.discriminative!.tokens).toEqual(tokens)
      expect(changed.discriminative!.tokens).toEqual(
        tokens.map((token) => (token === tokens[40] ? by : token)),
      )
      // The original is the image itself, to the last bit, and codes change where tokens changed and nowhere else.
      expect(await pictureOf(child, 0)).toEqual(await pictureOf(run, 1))
      const redrawn = await recordOf(child, 2)
      expect(redrawn.discriminative!.tokens).toEqual(tokens)
      for (const { codes } of [changed, redrawn]) {
        const other = [...codes.tokens].flatMap((code, cell) =>
          code === original.codes.tokens[cell] ? [] : [cell],
        )
        expect(cells).toEqual(expect.arrayContaining(other))
      }
      await row.getByRole('columnheader', { name: 'Resampled' }).waitFor()
    },
    SLOW,
  )

  it(
    'a region is copied from another image',
    async () => {
      await tab.getByRole('button', { name: 'None', exact: true }).click()
      await tab.getByRole('button', { name: 'Undo' }).click()
      await tab.getByRole('button', { name: 'Undo' }).click()
      await tab.getByRole('button', { name: 'Row', exact: true }).click()
      const copy = tab.getByRole('region', { name: 'Copy a region' })
      await copy.getByText('16 pinned').waitFor()
      await copy.getByRole('button', { name: 'To the same position' }).click()
      const [own, other] = [
        (await recordOf(run, 1)).discriminative!.tokens,
        (await recordOf(run, 0)).discriminative!.tokens,
      ]
      const cells = [...own.keys()].filter((cell) => cell >= 32 && cell < 48 && own[cell] !== other[cell])
      await tab.getByText(`${cells.length} cells copied from image 0`).waitFor()
      await tab.getByRole('button', { name: 'Decode next to the original' }).click()
      await expect
        .poll(() => tab.getByRole('region', { name: 'Results' }).getByText('Mean difference').count(), {
          timeout: SLOW,
        })
        .toBe(2)
      const { id: child, request } = await latestRun()
      expect(request).toMatchObject({ changes: [{ how: 'copy', source: { run, image: 0 }, cells }] })
      const changed = (await recordOf(child, 1)).discriminative!.tokens
      expect(changed).toEqual(own.map((token, cell) => (cell >= 32 && cell < 48 ? other[cell]! : token)))
    },
    SLOW,
  )
})

describe('codebooks compared', () => {
  it(
    'the codebook comparison needs a second atlas of the same pictures, and builds one',
    async () => {
      await to('#/codebooks')
      await tab.getByRole('button', { name: 'Build an atlas of the demo pictures by VQGAN codes' }).click()
      await tab.getByRole('table', { name: 'Matched clusters' }).waitFor({ timeout: SLOW })
      expect(await tab.getByLabel('First').inputValue()).not.toBe(await tab.getByLabel('Second').inputValue())
      const facts = tab.getByRole('region', { name: 'Both codebooks' })
      await facts.getByText(`over ${info.images.toLocaleString('en-US')} images`).waitFor()
    },
    SLOW,
  )

  it(
    'the comparison lists each cluster with its match: sorted, searched, linked and swapped',
    async () => {
      const first = await tab.getByLabel('First').inputValue()
      const rows = tab.getByRole('table', { name: 'Matched clusters' }).locator('[role=row]:has([role=cell])')
      const { table } = await api.readAtlas(first)
      const used = Array.from(table.cells.keys()).filter((k) => table.cells[k]! > 0)
      const most = used.reduce((a, b) => (table.cells[b]! > table.cells[a]! ? b : a))
      const firstRow = () => rows.first().getByRole('link').first().textContent()
      await expect.poll(firstRow).toBe(String(most))
      await tab.getByRole('radio', { name: 'By number' }).check()
      await expect.poll(firstRow).toBe(String(used[0]))
      await tab.getByRole('searchbox').fill(String(used.at(-1)))
      await expect
        .poll(() => rows.getByRole('link', { name: String(used.at(-1)), exact: true }).count())
        .toBeGreaterThan(0)
      await tab.reload()
      await rows.first().waitFor()
      expect(await tab.getByLabel('First').inputValue()).toBe(first)
      await expect
        .poll(() => rows.getByRole('link', { name: String(used.at(-1)), exact: true }).count())
        .toBeGreaterThan(0)
      await tab.getByRole('searchbox').fill('')
      await expect.poll(firstRow).toBe(String(used[0]))
      await rows.first().getByRole('link').first().click()
      await heading().getByText(`Cluster ${used[0]}`, { exact: true }).waitFor()
      await tab.goBack()
      await tab.getByRole('button', { name: 'with', exact: true }).click()
      await expect.poll(() => tab.getByLabel('Second').inputValue()).toBe(first)
      await tab.getByRole('table', { name: 'Matched clusters' }).waitFor({ timeout: SLOW })
    },
    SLOW,
  )

  it(
    'refuses atlases of different pictures',
    async () => {
      await to('#/clusters')
      await tab.getByRole('button', { name: 'New atlas' }).click()
      await tab.getByLabel('Images').selectOption({ index: 1 })
      await tab.getByRole('button', { name: 'Build the atlas' }).click()
      await expect
        .poll(async () => (await api.listAtlases()).filter(({ info }) => info).length, {
          timeout: SLOW,
        })
        .toBe(3)
      const other = (await api.listAtlases()).find(({ source }) => source.kind === 'run')!
      await to(`#/codebooks?a=${id}&b=${other.id}`)
      await tab.getByText('Cannot compare these codebooks').waitFor({ timeout: SLOW })
      await tab.getByText('must contain the same pictures').waitFor()
    },
    SLOW,
  )
})

describe('the pages', () => {
  it('the pages have no serious accessibility violation', async () => {
    const page = await workbench.visit(`#/regions/${id}/3?of=atlas&cell=70&joint=4`, {
      bypassCSP: true,
    })
    await page.getByRole('region', { name: 'Other pictures' }).waitFor()
    await page.getByText('Cosine to patch 70', { exact: true }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto(page.url().replace(/#.*/, studio))
    await page.getByRole('region', { name: 'Changes' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto(page.url().replace(/#.*/, '#/codebooks'))
    await page.getByRole('table', { name: 'Matched clusters' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('the pages logged no errors', () => {
    expect(workbench.errors).toEqual([])
  })
})
