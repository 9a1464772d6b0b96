// Regions, the studio's interventions and Codebooks: nothing chosen, without an atlas, a picture of the atlas, several
// together.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { demoPicture } from '../../../test/demo.ts'
import { images, startRun, waitForImages } from '../../../test/e2e/stage/workbench.ts'
import type { PageOfViews } from '../view.ts'

const SLOW = 300_000
const SETTLE = 2500

export const regions: PageOfViews = {
  start: '#/regions',
  views: [
    { name: 'regions-empty', prepare: async () => {}, settle: SETTLE },
    {
      name: 'regions-without-atlas',
      async prepare({ tab }) {
        const picture = readFileSync(demoPicture(3))
        await tab
          .locator('input[type=file]')
          .first()
          .setInputFiles({ name: 'picture.png', mimeType: 'image/png', buffer: picture })
      },
      settle: SETTLE,
    },
    {
      name: 'regions',
      async prepare({ tab, go }) {
        await go('#/clusters')
        await tab.getByRole('button', { name: /^Build an atlas/ }).click()
        await tab.getByRole('table', { name: 'Clusters' }).waitFor({ timeout: SLOW })
        await tab.getByRole('button', { name: 'Pictures' }).click()
        await tab.getByRole('button', { name: 'Next picture' }).click()
        await tab.waitForTimeout(SETTLE)
        await tab.mouse.click(...(await patchAt(tab, 'Principal components', 7, 7)))
      },
      place: ({ tab }) => hover(tab, 'Regions', 5, 6),
      settle: SETTLE,
    },
    {
      name: 'regions-joint',
      async prepare({ tab }) {
        await tab.getByLabel('PCA over').selectOption('8')
        await tab.getByLabel('Foreground only').check()
      },
      settle: SETTLE,
    },
    {
      name: 'cluster-from-region',
      async prepare({ tab }) {
        await tab.mouse.click(...(await patchAt(tab, 'Regions', 5, 6)))
        await tab.getByText('The region you came from').waitFor()
      },
      settle: SETTLE,
    },
    {
      name: 'studio-intervention',
      async prepare({ tab, go }) {
        await go('#/sample')
        await startRun(tab, { Images: 2, Seed: 7 })
        await waitForImages(tab, 2)
        await images(tab).first().click()
        await tab.getByRole('img', { name: 'Discriminative tokens' }).waitFor()
        const image = new URL(tab.url()).hash.split('?')[0]!
        await go(`${image}?cell=120&side=intervene`)
        await tab.getByRole('group', { name: 'Nearest by cosine' }).getByRole('button').first().click()
        await tab.getByRole('button', { name: 'Decode next to the original' }).click()
        await tab.getByText('Mean difference').waitFor({ timeout: 300_000 })
        await go(`${image}?cell=120&side=intervene&tab=interventions`)
        await tab.getByText('Mean difference').waitFor()
      },
      settle: SETTLE,
    },
    { name: 'codebooks-one', prepare: ({ go }) => go('#/codebooks'), settle: SETTLE },
    {
      name: 'codebooks',
      async prepare({ tab }) {
        await tab.getByRole('button', { name: /by VQGAN codes/ }).click()
        await tab.getByRole('table', { name: 'Matched clusters' }).waitFor({ timeout: SLOW })
      },
      settle: SETTLE,
    },
  ],
}

async function patchAt(tab: Page, label: string, row: number, column: number) {
  const box = (await tab.getByRole('img', { name: label, exact: true }).boundingBox())!
  return [box.x + (box.width * (column + 0.5)) / 16, box.y + (box.height * (row + 0.5)) / 16] as const
}

async function hover(tab: Page, label: string, row: number, column: number): Promise<void> {
  await tab.mouse.move(...(await patchAt(tab, label, row, column)))
}
