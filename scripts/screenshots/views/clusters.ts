// Clusters: nothing yet, the table, the maps, a gallery, a picture's clusters, two atlases compared, a new atlas of a
// folder, a dropped picture, one cluster.
import { basename, join } from 'node:path'
import type { Page } from 'playwright-core'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import { demoClassFolder } from '../../../test/demo.ts'
import { startRun, waitForImages } from '../../../test/e2e/stage/workbench.ts'
import { drag } from '../drag.ts'
import type { PageOfViews, Stage } from '../view.ts'

const SLOW = 300_000
const FOLDER = basename(demoClassFolder(3))
/** Ids of the atlas of the demo's pictures and of the one of a run. */
const atlases = { real: '', generated: '' }
const LASSO = [
  [0.3, 0.2],
  [0.5, 0.25],
  [0.55, 0.5],
  [0.45, 0.7],
  [0.3, 0.55],
] as const

export const clusters: PageOfViews = {
  start: '#/clusters',
  views: [
    {
      name: 'clusters-empty',
      prepare: ({ tab }) => tab.locator('button:enabled', { hasText: 'of the demo' }).waitFor(),
    },
    {
      name: 'clusters-empty-folder',
      prepare: ({ tab }) => ownFolder(tab).click(),
      afterwards: ({ tab }) => ownFolder(tab).click(),
    },
    {
      name: 'clusters-work',
      async prepare({ tab }) {
        await tab.getByRole('button', { name: /^Build an atlas/ }).click()
        await tab.getByText(/% · /).waitFor()
      },
      settle: 0,
    },
    {
      name: 'clusters',
      async prepare(stage) {
        await stage.tab.getByRole('table', { name: 'Clusters' }).waitFor({ timeout: SLOW })
        atlases.real = (await (await stage.workbench.api()).listAtlases())[0]!.id
        atlases.generated = await atlasOfRun(stage)
        await label(stage, ['Flat background', 'Dark outline', 'Rounded corner'])
        // Notices about labels disappear with the page.
        await stage.tab.reload()
        await at(stage, `#/clusters/${atlases.real}?sort=id`)
      },
      settle: 5000,
    },
    {
      name: 'clusters-compare',
      prepare: (stage) => at(stage, `#/clusters/${atlases.real}?against=${atlases.generated}&sort=logRatio`),
      settle: 2500,
    },
    {
      name: 'clusters-find',
      prepare: (stage) => at(stage, `#/clusters/${atlases.real}?find=12`),
      settle: 2500,
    },
    {
      name: 'clusters-map',
      async prepare(stage) {
        await at(stage, `#/clusters/${atlases.real}?view=map&map=umap`)
        await stage.tab.getByRole('button', { name: 'Compute' }).click()
        await umap(stage.tab).waitFor({ timeout: SLOW })
        await at(stage, `#/clusters/${atlases.real}?view=map`)
      },
      settle: 1000,
    },
    {
      name: 'clusters-lasso',
      async prepare(stage) {
        await at(
          stage,
          `#/clusters/${atlases.real}?view=map&map=umap&against=${atlases.generated}&colour=logRatio`,
        )
        await umap(stage.tab).waitFor()
      },
      place: ({ tab }) => lasso(tab),
      settle: 2500,
    },
    {
      name: 'clusters-new-atlas',
      async prepare(stage) {
        const { tab } = stage
        await at(stage, `#/clusters/${atlases.real}`)
        await tab.getByRole('button', { name: 'New atlas' }).click()
        await tab.getByLabel('Picture folder').setInputFiles(join(demoFolder(), 'images', FOLDER))
        const form = tab.getByRole('form', { name: 'New atlas' })
        const folder = form.locator('option', { hasText: FOLDER })
        await folder.waitFor({ state: 'attached', timeout: 300_000 })
        await form.getByLabel('Images').selectOption((await folder.getAttribute('value'))!)
      },
      settle: 2500,
    },
    {
      name: 'clusters-dropping',
      async prepare({ tab }) {
        await tab.getByRole('button', { name: 'New atlas' }).click()
        await drag(tab, join(demoFolder(), 'images', FOLDER, '000.png'))
      },
      afterwards: ({ tab }) => tab.dispatchEvent('body', 'drop'),
    },
    {
      name: 'clusters-gallery',
      prepare: (stage) => at(stage, `#/clusters/${atlases.real}?view=gallery`),
      settle: 2500,
    },
    {
      name: 'cluster',
      prepare: (stage) => at(stage, `#/clusters/${atlases.real}/1?against=${atlases.generated}`),
      settle: 2500,
    },
    { name: 'cluster-pictures', prepare: ({ tab }) => tab.keyboard.press('c'), settle: 1500 },
  ],
}

const ownFolder = (tab: Page) => tab.locator('summary', { hasText: 'Use your own folder' })
const umap = (tab: Page) => tab.getByRole('img', { name: /clusters by UMAP/ })
const atlasAt = (tab: Page) => /clusters\/([^?/]+)/.exec(new URL(tab.url()).hash)![1]!

async function at({ tab, go }: Stage, hash: string): Promise<void> {
  await go(hash)
  await tab.getByRole('heading', { level: 1 }).waitFor()
}

/** Samples a few images, builds their atlas, and returns its id. */
async function atlasOfRun(stage: Stage): Promise<string> {
  const { tab, go } = stage
  await go('#/sample')
  await startRun(tab, { Images: 8, Seed: 4 })
  await waitForImages(tab, 8)
  await at(stage, `#/clusters/${atlases.real}`)
  await tab.getByRole('button', { name: 'New atlas' }).click()
  const images = tab.getByLabel('Images')
  const run = images.locator('option', { hasText: 'seed 4' })
  await images.selectOption((await run.getAttribute('value'))!)
  await tab.getByRole('button', { name: 'Build the atlas' }).click()
  await tab
    .getByRole('region', { name: 'Notices' })
    .getByRole('button', { name: 'Show' })
    .click({ timeout: SLOW })
  await tab.getByLabel('Compare with').waitFor({ timeout: SLOW })
  return atlasAt(tab)
}

async function label(stage: Stage, names: readonly string[]): Promise<void> {
  const { tab } = stage
  for (const [entry, name] of names.entries()) {
    await at(stage, `#/clusters/${atlases.real}/${entry}`)
    await tab.getByRole('textbox', { name: 'Label' }).fill(name)
    await tab.getByRole('textbox', { name: 'Tags' }).fill('seen, demo')
    await tab.getByRole('textbox', { name: 'Tags' }).press('Enter')
    await tab.getByText('saved').first().waitFor()
  }
}

async function lasso(tab: Page): Promise<void> {
  const { x, y, width, height } = (await umap(tab).boundingBox())!
  const [first, ...others] = LASSO
  const to = ([right, down]: readonly [number, number]) =>
    tab.mouse.move(x + right * width, y + down * height, { steps: 4 })
  await to(first)
  await tab.mouse.down()
  for (const next of others) await to(next)
  await tab.mouse.up()
}
