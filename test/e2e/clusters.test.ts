// The cluster atlas in a real browser over the real engine: made with one button, looked through, cluster by cluster.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAtlas, type Atlas } from '../../src/engine/runs/atlas-read.ts'
import { atlasFolder, findAtlases } from '../../src/engine/runs/workspace-atlases.ts'
import { violations } from './accessibility.ts'
import { openWorkbench, startRun, waitForImages, type Workbench } from './workbench.ts'

const SLOW = 240_000

let workbench: Workbench
let tab: Page
/** What the engine says of the same files. */
let atlas: Atlas
let id = ''
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('#/clusters')
})
afterAll(() => workbench?.close())

const hash = () => new URL(tab.url()).hash
const rows = () => tab.getByRole('table', { name: 'Clusters' }).locator('[role=row]:has([role=cell])')
const firstId = async () => Number(await rows().first().getByRole('link').textContent())
const heading = () => tab.getByRole('heading', { level: 1 })
const best = (values: ArrayLike<number>) => Array.from(values).indexOf(Math.max(...Array.from(values)))

describe('the atlas of the demo', () => {
  it(
    'is made with one button, and can be stopped and gone on with',
    async () => {
      await tab.getByRole('button', { name: "Build the atlas of the demo's pictures" }).click()
      await tab.getByText(/% · pictures/).waitFor({ timeout: SLOW })
      await tab.getByRole('button', { name: 'Cancel' }).click()
      await tab.getByRole('button', { name: 'Go on' }).click({ timeout: SLOW })
      await tab.getByRole('table', { name: 'Clusters' }).waitFor({ timeout: SLOW })
      id = (await findAtlases(workbench.workspace))[0]!.id
      atlas = await openAtlas(atlasFolder(workbench.workspace, id))
    },
    SLOW,
  )

  it('is a table that is sorted, searched and filtered', async () => {
    const { cells, distance } = await atlas.table()
    expect(await firstId()).toBe(best(cells))
    await tab.getByRole('columnheader', { name: 'Distance' }).getByRole('button').click()
    await expect.poll(firstId).toBe(best(distance.map((value) => (Number.isNaN(value) ? -1 : value))))
    await tab.getByRole('button', { name: 'Cluster', exact: true }).click()
    await expect.poll(firstId).toBe(0)
    await tab.keyboard.press('/')
    await tab.keyboard.type('101')
    await expect.poll(firstId).toBe(101)
    await tab.getByRole('searchbox').fill('nothing is called so')
    await tab.getByText('No cluster passes').waitFor()
    await tab.getByRole('button', { name: 'Show all' }).click()
    await tab.getByRole('radio', { name: 'Dead' }).check()
    const dead = Array.from(cells).filter((count) => count === 0).length
    const shown = dead === 0 ? tab.getByText('No cluster passes') : tab.getByText(`${dead} shown`)
    await shown.waitFor()
    await tab.getByRole('radio', { name: 'All' }).check()
  })
})

describe('the map', () => {
  it('tells the cluster under the pointer, and opens it', async () => {
    const { pca } = await atlas.table()
    // The cluster farthest to the right lies alone enough, and at the edge whatever the size.
    const right = best(pca.filter((_, i) => i % 2 === 0))
    await tab.getByRole('radio', { name: 'Map' }).check()
    const map = tab.getByRole('img', { name: /clusters by principal components/ })
    const { x, y, width, height } = (await map.boundingBox())!
    const [columns, rows] = [0, 1].map((axis) => pca.filter((_, i) => i % 2 === axis))
    const range = (values: Float32Array) => [Math.min(...values), Math.max(...values)] as const
    const [[left, most], [low, high]] = [range(columns!), range(rows!)]
    const scale = Math.min((width - 32) / (most - left), (height - 32) / (high - low))
    await tab.mouse.move(
      x + width / 2 + (pca[2 * right]! - (left + most) / 2) * scale,
      y + height / 2 - (pca[2 * right + 1]! - (low + high) / 2) * scale,
    )
    await tab.getByText(`Cluster ${right}`, { exact: true }).waitFor()
    await tab.mouse.down()
    await tab.mouse.up()
    await heading().getByText(`Cluster ${right}`, { exact: true }).waitFor()
    await tab.goBack()
    await map.waitFor()
    await heading().click()
    await tab.keyboard.press('m')
    await tab.getByRole('table', { name: 'Clusters' }).waitFor()
  })
})

describe('a cluster', () => {
  it('tells what the engine computed, with its denominators', async () => {
    const k = best((await atlas.table()).cells)
    const entry = await atlas.entry(k)
    await tab.getByRole('columnheader', { name: 'Usage' }).getByRole('button').click()
    await expect.poll(firstId).toBe(k)
    await rows().first().getByRole('link').click()
    await heading().getByText(`Cluster ${k}`, { exact: true }).waitFor()
    expect(hash()).toBe(`#/clusters/${id}/${k}`)
    const words = (count: number) => count.toLocaleString('en-US')
    const use = tab.getByRole('region', { name: 'Use' })
    await use.getByText(`${words(entry.cells)} of ${words(atlas.info.cells)} cells`).waitFor()
    await use.getByText(`${words(entry.images)} of ${words(atlas.info.images)} images`).waitFor()
    const { image, cell } = entry.bands[0]!.examples[0]!
    const examples = tab.getByRole('region', { name: 'Examples' })
    await examples.getByRole('img', { name: new RegExp(`^Image ${image}, cell ${cell}, distance`) }).waitFor()
    const near = entry.nearest.cosine[0]!.entry
    const list = tab.getByRole('region', { name: 'By cosine' })
    await list.getByRole('link').first().click()
    await heading().getByText(`Cluster ${near}`, { exact: true }).waitFor()
    await tab.goBack()
    await heading().getByText(`Cluster ${k}`, { exact: true }).waitFor()
  })

  it('shows the region in the whole picture', async () => {
    const outline = () => tab.getByRole('region', { name: 'Examples' }).locator('[role=img] i').first()
    await expect.poll(async () => (await outline().getAttribute('style')) ?? '').toContain('width: 33.3')
    await tab.keyboard.press('c')
    await expect.poll(async () => (await outline().getAttribute('style')) ?? '').toContain('width: 6.25%')
  })

  it('is left for the next, any other, and the table', async () => {
    await tab.getByLabel('Jump to cluster').fill('7')
    await tab.keyboard.press('Enter')
    await heading().getByText('Cluster 7', { exact: true }).waitFor()
    await heading().click()
    await tab.keyboard.press(']')
    await heading().getByText('Cluster 8', { exact: true }).waitFor()
    expect(hash()).toContain('view=pictures')
    await tab.keyboard.press('[')
    await heading().getByText('Cluster 7', { exact: true }).waitFor()
    await tab.keyboard.press('q')
    await tab.getByRole('table', { name: 'Clusters' }).waitFor()
    await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}/99999999`))
    await tab.getByText('This cluster cannot be shown').waitFor()
    await tab.goto(tab.url().replace(/#.*/, '#/clusters/nothing-codes'))
    await tab.getByText('This atlas cannot be shown').waitFor()
  })
})

describe('the atlas of a run', () => {
  it('is made of the tokens in its images', async () => {
    await tab.goto(tab.url().replace(/#.*/, '#/sample'))
    await startRun(tab, { Images: 2, Seed: 5 })
    await waitForImages(tab, 2)
    await tab.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Clusters' }).click()
    await tab.getByRole('button', { name: 'New atlas' }).click()
    await tab.getByLabel('Images').selectOption({ index: 1 })
    await tab.getByRole('radio', { name: 'VQGAN codes' }).check()
    await tab.getByRole('button', { name: 'Build the atlas' }).click()
    await tab.getByText('2 images, 512 cells').waitFor({ timeout: SLOW })
    await rows().first().getByRole('link').click()
    await tab.getByRole('region', { name: 'Examples' }).getByRole('img').first().waitFor()
  })
})

describe('the pages', () => {
  it.each(['light', 'dark'] as const)('have no serious accessibility violation (%s)', async (colorScheme) => {
    const page = await workbench.visit(`#/clusters/${id}`, { colorScheme, bypassCSP: true })
    await page.getByRole('table', { name: 'Clusters' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('m')
    await page.getByRole('region', { name: 'Map of the clusters' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('m')
    await page.getByRole('table').getByRole('link').first().click()
    await page.getByRole('region', { name: 'Examples' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('logged no error', () => {
    expect(workbench.errors).toEqual([])
  })
})
