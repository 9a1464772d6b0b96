// Library, Inspect and Compare: favourites and picks, a run that can be resumed, one token in a run, a reconstruction,
// dropped files, two and four images side by side.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import { images, startRun } from '../../../test/e2e/stage/workbench.ts'
import { drag } from '../drag.ts'
import type { PageOfViews, Stage } from '../view.ts'

/** Runs used by the views. */
const runs = { ar: '', nar: '', cancelled: '', reconstructed: '' }
const known = new Set<string>()
const escape = ({ tab }: Stage) => tab.keyboard.press('Escape')

export const library: PageOfViews = {
  start: '#/sample',
  views: [
    {
      name: 'compare-empty',
      async prepare(stage) {
        runs.ar = await sampled(stage, 'Autoregressive', { Images: 8, Seed: 3, Batch: 8 })
        runs.nar = await sampled(stage, 'Masked', { Images: 8, Seed: 3, Batch: 8 })
        runs.cancelled = await cancelledRun(stage)
        runs.reconstructed = await reconstructedRun(stage)
        await stage.go('#/compare')
      },
    },
    {
      name: 'library-cancelled',
      async prepare({ tab, go }) {
        await go(`#/library/${runs.cancelled}`)
        await tab.getByRole('button', { name: 'Resume' }).waitFor()
      },
    },
    {
      name: 'library-picks',
      async prepare({ tab, go }) {
        await go('#/library')
        await images(tab).nth(16).waitFor()
        for (const [index, key] of [
          [1, 'x'],
          [7, 'x'],
          [3, 'f'],
        ] as const) {
          await tab.locator(`[data-index="${index}"]`).focus()
          await tab.keyboard.press(key)
        }
      },
      settle: 600,
    },
    {
      name: 'library-removed',
      async prepare({ tab, go }) {
        await go(`#/library/${runs.cancelled}`)
        await tab.getByRole('button', { name: 'Remove', exact: true }).click()
        await tab.getByRole('region', { name: 'Notices' }).getByText('Removed').waitFor()
      },
      settle: 400,
      afterwards: ({ tab }) => tab.getByRole('button', { name: 'Undo' }).click(),
    },
    {
      name: 'inspect-token',
      async prepare({ tab, go }) {
        await go(`#/inspect/${runs.ar}/5?cell=0&same=1`)
        await tab.getByRole('region', { name: 'Same token' }).getByText('of 8 images').waitFor()
      },
      settle: 600,
    },
    {
      name: 'inspect-drift',
      async prepare({ tab, go }) {
        await go(`#/inspect/${runs.reconstructed}/1?cell=102`)
        await tab.getByRole('img', { name: 'Token drift' }).waitFor()
      },
      settle: 600,
    },
    {
      name: 'compare',
      async prepare({ tab, go }) {
        await go(`#/compare?images=${runs.ar}:5,${runs.nar}:5&cell=102&step=160`)
        await tab.getByText('Same as A').waitFor()
      },
      settle: 600,
    },
    {
      name: 'compare-four',
      async prepare({ tab, go }) {
        const four = `${runs.ar}:5,${runs.nar}:5,${runs.ar}:3,${runs.nar}:3`
        await go(`#/compare?images=${four}&cell=102`)
        await tab.getByText('Same as A').first().waitFor()
      },
      settle: 600,
    },
    {
      name: 'dropped',
      async prepare({ workbench, tab, go }) {
        await go('#/library')
        await images(tab).nth(16).waitFor()
        const file = join(workbench.workspace, 'runs', runs.nar, 'images', '000001.png')
        await drag(tab, file, 'Drop to show the recipe')
        await tab.getByRole('cell', { name: 'masked (NAR)' }).waitFor()
      },
      afterwards: escape,
    },
    {
      name: 'dropped-foreign',
      async prepare({ tab }) {
        await drag(tab, demoPictures()[0]!, 'Drop to show the recipe')
        await tab.getByText('No recipe in this file').waitFor()
      },
      afterwards: escape,
    },
    { name: 'dropping', prepare: ({ tab }) => drag(tab, demoPictures()[0]!) },
  ],
}

async function sampled(stage: Stage, kind: string, fields: Record<string, number>): Promise<string> {
  const { tab, go } = stage
  await go('#/sample')
  await tab.getByRole('radio', { name: kind }).first().check()
  await startRun(tab, fields)
  await tab.getByText(new RegExp(`· ${fields.Images} images$`)).waitFor({ timeout: 300_000 })
  return newest(stage)
}

async function cancelledRun(stage: Stage): Promise<string> {
  const { tab } = stage
  await startRun(tab, { Images: 24, Seed: 21, Batch: 2 })
  await tab.getByRole('heading', { name: /seed 21$/ }).waitFor()
  await images(tab).nth(1).waitFor({ timeout: 300_000 })
  await tab.keyboard.press('Escape')
  await tab
    .getByText(/Cancelled/)
    .first()
    .waitFor()
  return newest(stage)
}

async function reconstructedRun(stage: Stage): Promise<string> {
  await stage.go('#/inspect')
  await chooseFiles(stage.tab, /Reconstruct/, demoPictures())
  await stage.tab.getByRole('img', { name: 'Token drift' }).waitFor({ timeout: 300_000 })
  return newest(stage)
}

async function chooseFiles(tab: Page, button: RegExp, files: string[]): Promise<void> {
  const chooser = tab.waitForEvent('filechooser')
  await tab.getByRole('button', { name: button }).click()
  await (await chooser).setFiles(files)
}

/** The newest run. */
function newest({ workbench }: Stage): string {
  const id = readdirSync(join(workbench.workspace, 'runs')).find((name) => !known.has(name))!
  known.add(id)
  return id
}

function demoPictures(): string[] {
  const folder = join(demoFolder(), 'images')
  return readdirSync(folder)
    .slice(1, 7)
    .map((kind) => join(folder, kind, readdirSync(join(folder, kind))[2]!))
}
