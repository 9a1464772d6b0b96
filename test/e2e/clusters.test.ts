// The cluster atlas in a real browser over the real engine: built with one button, explored cluster by cluster.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import type { AtlasInfo, AtlasTable } from '../../src/shared/atlas/atlas.ts'
import type { ClusterLabel } from '../../src/shared/atlas/cluster-labels.ts'
import type { WorkspaceAtlas } from '../../src/shared/atlas/atlases.ts'
import type { EngineApi } from '../../src/shared/contract/api.ts'
import { DEMO_LABELS } from '../demo.ts'
import { violations } from './stage/accessibility.ts'
import { atlasShown, startDemoAtlas, startUmap, umapShown } from './stage/page-steps.ts'
import { openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

const SLOW = 240_000

let workbench: Workbench
let tab: Page
/** The engine's data for the same files. */
let api: EngineApi
let id = ''
let info: AtlasInfo
let table: AtlasTable
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('#/clusters')
  api = await workbench.api()
})
afterAll(() => workbench?.close())

const hash = () => new URL(tab.url()).hash
const rows = () => tab.getByRole('table', { name: 'Clusters' }).locator('[role=row]:has([role=cell])')
const firstId = async () => Number(await rows().first().getByRole('link').textContent())
const heading = () => tab.getByRole('heading', { level: 1 })
/** What the file in the workspace holds besides the names that come with the demo. */
async function saved(): Promise<readonly ClusterLabel[]> {
  const folder = join(workbench.workspace, 'labels')
  const name = (await readdir(folder).catch(() => [])).find((name) => name.endsWith('.json'))
  if (name === undefined) return []
  const { labels } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { labels: ClusterLabel[] }
  return labels.filter(({ entry }) => !DEMO_LABELS.has(entry))
}
const best = (values: ArrayLike<number>) =>
  Array.from(values).indexOf(Math.max(...Array.from(values).filter((value) => !Number.isNaN(value))))

describe('the atlas of the demo', () => {
  it(
    'one button builds the atlas; it can be cancelled and resumed',
    async () => {
      await startDemoAtlas(tab)
      await tab.getByText(/% · pictures/).waitFor({ timeout: SLOW })
      await tab
        .getByRole('contentinfo', { name: 'Status' })
        .getByText(/^Atlas: /)
        .waitFor()
      await tab.getByRole('button', { name: 'Cancel' }).click()
      await tab.getByRole('button', { name: 'Resume' }).click({ timeout: SLOW })
      await atlasShown(tab)
      id = (await api.listAtlases())[0]!.id
      ;({ info, table } = await api.readAtlas(id))
    },
    SLOW,
  )

  it('the table sorts, searches and filters clusters', async () => {
    const { cells, distance, classEntropy } = table
    // All classes have as many pictures. Backgrounds have all classes and tell nothing of them.
    const classes = Math.log(info.classImages.length)
    const information = Array.from(cells, (count, k) =>
      count === 0 ? 0 : count * (classes - classEntropy[k]!),
    )
    expect(await firstId()).toBe(best(information))
    await tab.getByRole('columnheader', { name: 'Usage' }).getByRole('button').click()
    await expect.poll(firstId).toBe(best(cells))
    await tab.getByRole('columnheader', { name: 'Distance' }).getByRole('button').click()
    await expect.poll(firstId).toBe(best(distance))
    await tab.getByRole('button', { name: 'Cluster', exact: true }).click()
    await expect.poll(firstId).toBe(0)
    await tab.keyboard.press('/')
    await tab.keyboard.type('101')
    await expect.poll(firstId).toBe(101)
    await tab.keyboard.press('Escape')
    expect(await tab.evaluate('document.activeElement?.tagName')).toBe('BODY')
    await expect.poll(firstId).toBe(101)
    await tab.keyboard.press('/')
    await tab.keyboard.press('Enter')
    await heading().getByText('Cluster 101', { exact: true }).waitFor()
    await tab.goBack()
    await tab.getByRole('searchbox').fill('nothing is called so')
    await tab.getByText('No clusters match').waitFor()
    await tab.getByRole('button', { name: 'Show all' }).click()
    await tab.getByRole('radio', { name: 'Dead' }).check()
    const dead = Array.from(cells).filter((count) => count === 0).length
    const shown = dead === 0 ? tab.getByText('No clusters match') : tab.getByText(`${dead} shown`)
    await shown.waitFor()
    await tab.getByRole('radio', { name: 'All', exact: true }).check()
  })
})

describe('the map', () => {
  it('the map shows the cluster under the pointer and opens it', async () => {
    const { pca } = table
    // The rightmost cluster is isolated enough, and at the edge at any size.
    const right = best(pca.filter((_, i) => i % 2 === 0))
    await tab.getByRole('radio', { name: 'Map', exact: true }).check()
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
  it("a cluster page shows the engine's numbers with their denominators", async () => {
    const k = best(table.cells)
    const entry = await api.readCluster(id, k)
    await tab.getByRole('columnheader', { name: 'Usage' }).getByRole('button').click()
    await expect.poll(firstId).toBe(k)
    await rows().first().getByRole('link').click()
    await heading().getByText(`Cluster ${k}`, { exact: true }).waitFor()
    expect(hash()).toBe(`#/clusters/${id}/${k}`)
    const words = (count: number) => count.toLocaleString('en-US')
    const use = tab.getByRole('region', { name: 'Usage', exact: true })
    await use.getByText(`${words(entry.cells)} of ${words(info.cells)} cells`).waitFor()
    await use.getByText(`${words(entry.images)} of ${words(info.images)} images`).waitFor()
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

  it('examples show the region in the whole picture', async () => {
    const outline = () => tab.getByRole('region', { name: 'Examples' }).locator('[role=img] i').first()
    await expect.poll(async () => (await outline().getAttribute('style')) ?? '').toContain('width: 33.3')
    await tab.keyboard.press('c')
    await expect.poll(async () => (await outline().getAttribute('style')) ?? '').toContain('width: 6.25%')
  })

  it('the cluster page leads to the next cluster, any other, and the table', async () => {
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
    await tab.getByText('Cannot show this cluster').waitFor()
    await tab.goto(tab.url().replace(/#.*/, '#/clusters/nothing-codes'))
    await tab.getByText('Cannot show this atlas').waitFor()
  })
})

describe('a picture', () => {
  it('a region of an atlas picture leads to its cluster, which shows that region among its examples', async () => {
    const image = 3
    const { tokens } = await api.readAtlasImage(id, image)
    const cell = 5 * 16 + 9
    await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}?find=${image}`))
    const distinct = new Set(tokens).size
    const picture = tab.getByRole('img', { name: `Image ${image}, ${distinct} clusters` })
    await tab.getByText(`${distinct} shown`).waitFor()
    const { x, y, width, height } = (await picture.boundingBox())!
    await tab.mouse.click(x + (9.5 / 16) * width, y + (5.5 / 16) * height)
    await heading().getByText(`Cluster ${tokens[cell]}`, { exact: true }).waitFor()
    await tab.getByText('The region you came from').waitFor()
    const region = tab.getByRole('img', { name: `Image ${image}, cell ${cell}`, exact: true })
    await region.locator('i').first().waitFor()
    const nearest = (await api.readCluster(id, tokens[cell]!)).bands[0]!.examples[0]!
    await tab
      .getByRole('img', { name: new RegExp(`^Image ${nearest.image}, cell ${nearest.cell}\\b`) })
      .first()
      .waitFor()
  })

  it('a picture from outside the atlas is tokenized and its clusters are found', async () => {
    const { tokens } = await api.readAtlasImage(id, 7)
    // The file itself: what the atlas shows of it has another size.
    const paths = await readFile(join(workbench.workspace, 'atlases', id, 'images.txt'), 'utf8')
    const own = {
      name: 'seventh.png',
      mimeType: 'image/png',
      buffer: await readFile(join(demoFolder(), 'images', paths.split('\n')[7]!)),
    }
    await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}`))
    await tab.keyboard.press('p')
    const panel = tab.getByRole('region', { name: 'Find by picture' })
    await panel.locator('input[type=file]').setInputFiles(own)
    const distinct = new Set(tokens).size
    await panel.getByRole('img', { name: `${own.name}, ${distinct} clusters` }).waitFor({ timeout: SLOW })
    await tab.getByText(`${distinct} shown`).waitFor()
    await panel
      .locator('input[type=file]')
      .setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('x') })
    await panel.getByText(/no\.png: not a readable image/).waitFor()
    await heading().click()
    await tab.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
  })
})

describe('a label', () => {
  /** The most frequent cluster to which the demo gives no name. */
  const k = () => best(table.cells.map((cells, entry) => (DEMO_LABELS.has(entry) ? 0 : cells)))
  const label = () => tab.getByRole('textbox', { name: 'Label' })
  it('a label is typed, undone, typed again, and survives a restart', async () => {
    await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}/${k()}`))
    await label().waitFor()
    await heading().click()
    await tab.keyboard.press('e')
    await tab.keyboard.type('Paper sky')
    await tab.keyboard.press('Enter')
    await tab.getByText('Saved in the workspace: the demo is part of the program').waitFor()
    await tab.getByRole('textbox', { name: 'Tags' }).fill('plain, background')
    await tab.getByRole('textbox', { name: 'Tags' }).press('Enter')
    await expect.poll(() => saved().then((all) => all[0]?.tags)).toEqual(['plain', 'background'])
    await heading().click()
    // The second before the first is answered.
    await tab.keyboard.press('Control+z')
    await tab.keyboard.press('Control+z')
    await expect.poll(() => saved()).toEqual([])
    await expect.poll(() => label().inputValue()).toBe('')
    // Without a pause between the fields: the second edit builds on the first, which is still being saved.
    await label().fill('Paper sky')
    await tab.getByRole('textbox', { name: 'Tags' }).fill('plain')
    await tab.getByRole('textbox', { name: 'Tags' }).press('Enter')
    await expect
      .poll(() => saved().then((all) => [all[0]?.label, all[0]?.tags]))
      .toEqual(['Paper sky', ['plain']])
    expect(await tab.getByText('Could not save the label').count()).toBe(0)
    // Only one Undo notice, that of the last edit.
    await expect.poll(() => tab.getByText(/^Label of cluster \d+ saved\./).count()).toBe(1)
    await tab.context().close()
    await workbench.restart()
    api = await workbench.api()
    tab = await workbench.visit(`#/clusters/${id}/${k()}`)
    await expect.poll(() => label().inputValue(), { timeout: SLOW }).toBe('Paper sky')
    await tab.keyboard.press('q')
    await tab.getByRole('columnheader', { name: 'Label' }).waitFor()
    await tab.getByRole('searchbox').fill('paper')
    await expect.poll(firstId).toBe(k())
    await tab.getByText('1 shown').waitFor()
  })

  it('labels are imported from a file, and an invalid file reports why', async () => {
    await tab.getByRole('searchbox').fill('')
    await tab.locator('summary', { hasText: 'Labels' }).click()
    const file = (name: string, text: string) =>
      tab
        .locator('details input[type=file]')
        .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
    await file('bad.csv', 'cluster,label\n99999999,x\n')
    await tab.getByText(/bad\.csv/).waitFor()
    await file('good.csv', 'cluster,label,tags\n7,Seven,a; b\n9,Nine,\n')
    await tab.getByText('2 labels imported from good.csv.').waitFor()
    expect((await saved()).map(({ entry }) => entry)).toEqual([7, 9, k()].sort((a, b) => a - b))
    await tab.getByRole('button', { name: 'Undo' }).last().click()
    await expect.poll(() => saved().then((all) => all.map(({ entry }) => entry))).toEqual([k()])
    expect(await tab.getByRole('button', { name: 'Undo' }).count()).toBe(0)
  })
})

describe('UMAP and the lasso', () => {
  it('UMAP is computed on request, cancelled, restarted, and saved', async () => {
    await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}`))
    await tab.getByRole('radio', { name: 'Map', exact: true }).waitFor()
    // The page itself clicks it as soon as it appears: a fast machine may be done before a click from outside.
    await tab.evaluate(`new MutationObserver((_, observer) => {
      const cancel = [...document.querySelectorAll('button')].find((button) => button.textContent.trim() === 'Cancel')
      if (!cancel) return
      observer.disconnect()
      cancel.click()
    }).observe(document.body, { childList: true, subtree: true })`)
    await startUmap(tab)
    await tab.getByRole('button', { name: 'Compute' }).click()
    await umapShown(tab)
    expect((await api.readAtlas(id)).info.umap).toBe(true)
    expect(hash()).toContain('map=umap')
  })

  it('the lasso selects clusters for the gallery; Esc clears it', async () => {
    await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}?view=map&map=umap`))
    const map = tab.getByRole('img', { name: /clusters by UMAP/ })
    const { x, y, width, height } = (await map.boundingBox())!
    const corner = (right: number, down: number) =>
      tab.mouse.move(x + right * width, y + down * height, { steps: 5 })
    await corner(0.02, 0.02)
    await tab.mouse.down()
    await corner(0.5, 0.02)
    await corner(0.5, 0.98)
    await corner(0.02, 0.98)
    await tab.mouse.up()
    const gallery = tab.getByRole('region', { name: 'Cluster gallery' })
    await gallery.getByRole('button').first().waitFor()
    expect(hash()).toContain('lasso=umap')
    const chip = tab.getByRole('button', { name: /in the lasso/ })
    const chosen = Number((await chip.textContent())!.replace(/\D/g, ''))
    expect(chosen).toBeGreaterThan(0)
    expect(chosen).toBeLessThan(info.entries)
    await tab.reload()
    await expect.poll(() => chip.textContent()).toContain(`${chosen.toLocaleString('en-US')} in the lasso`)
    await gallery.getByRole('button').first().click()
    await heading()
      .getByText(/^Cluster \d+$/)
      .waitFor()
    await tab.goBack()
    await chip.waitFor()
    await heading().click()
    await tab.keyboard.press('Escape')
    await chip.waitFor({ state: 'detached' })
    await tab.keyboard.press('g')
    await gallery.getByRole('button').nth(5).waitFor()
  })
})

describe('the atlas of a run', () => {
  it('the atlas of a run is compared with that of real images', async () => {
    await tab.goto(tab.url().replace(/#.*/, '#/sample'))
    await startRun(tab, { Images: 2, Seed: 4 })
    await waitForImages(tab, 2)
    await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}`))
    await tab.getByRole('button', { name: 'New atlas' }).click()
    await tab.getByLabel('Images').selectOption({ index: 1 })
    await tab.getByRole('button', { name: 'Build the atlas' }).click()
    const isOther = ({ source, tokens, info }: WorkspaceAtlas) =>
      source.kind === 'run' && tokens === 'discriminative' && info !== undefined
    const others = async () => (await api.listAtlases()).filter(isOther)
    await expect.poll(async () => (await others()).length, { timeout: SLOW }).toBe(1)
    const [other] = await others()
    await tab.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Show' }).click()
    await tab.waitForURL((url) => url.hash === `#/clusters/${other!.id}`)
    await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}`))
    await tab.getByLabel('Compare with').selectOption(other!.id)
    const { usage } = await api.readComparison(id, other!.id)
    const facts = tab.getByRole('group', { name: 'Comparison' })
    await facts.getByText(`Jensen-Shannon ${usage.jensenShannon.toFixed(3)} nats`).waitFor()
    await facts.getByText(`total variation ${usage.totalVariation.toFixed(3)}`).waitFor()
    await tab.getByRole('columnheader', { name: 'Log-ratio' }).getByRole('button').click()
    const over = best(usage.logRatio)
    await expect.poll(firstId).toBe(over)
    await rows().first().getByRole('link').click()
    const use = tab.getByRole('region', { name: 'Usage', exact: true })
    await use.getByText('Usage in the other atlas').waitFor()
    await use.getByText('over-used in the other atlas').waitFor()
    await tab.goBack()
    await tab.keyboard.press('m')
    await tab.getByRole('combobox', { name: 'Color' }).selectOption('Log-ratio')
    await tab.getByRole('img', { name: /colored by Log-ratio/ }).waitFor()
  })

  it('the atlas of a run uses the tokens stored in its images', async () => {
    await tab.goto(tab.url().replace(/#.*/, '#/sample'))
    await startRun(tab, { Images: 2, Seed: 5 })
    await waitForImages(tab, 2)
    await tab.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Clusters' }).click()
    await tab.getByRole('button', { name: 'New atlas' }).click()
    await tab.getByLabel('Images').selectOption({ index: 1 })
    await tab.getByLabel('Tokens').selectOption('VQGAN codes')
    await tab.getByRole('button', { name: 'Build the atlas' }).click()
    await tab.getByText('2 images, 512 cells').waitFor({ timeout: SLOW })
    await rows().first().getByRole('link').click()
    await tab.getByRole('region', { name: 'Examples' }).getByRole('img').first().waitFor()
  })

  it('the page opens with the atlas that was shown last', async () => {
    await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}`))
    await rows().first().waitFor()
    await tab.goto(tab.url().replace(/#.*/, '#/sample'))
    await tab.reload()
    await tab.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Clusters' }).click()
    // Not the newest, which has two images.
    await tab.getByText(`${info.images} images, `).waitFor()
  })
})

describe('the pages', () => {
  it('the pages have no serious accessibility violation', async () => {
    const page = await workbench.visit(`#/clusters/${id}`, { bypassCSP: true })
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

  it('the pages logged no errors', () => {
    expect(workbench.errors).toEqual([])
  })
})
