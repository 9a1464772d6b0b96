// Questions to the models: which setting is better, how likely held-out images are, why this token.
import type { Page } from 'playwright-core'
import { startRun, waitForImages } from '../../../test/e2e/stage/workbench.ts'
import type { PageOfViews } from '../view.ts'

const SLOW = 600_000
const why = (tab: Page) => tab.getByRole('region', { name: 'Why this token' })

export const questions: PageOfViews = {
  start: '#/curves?view=verdict',
  views: [
    { name: 'verdict-empty', prepare: ({ tab }) => tab.getByText('No verdicts yet').waitFor() },
    {
      name: 'verdict',
      async prepare({ tab }) {
        const form = tab.getByRole('form', { name: 'New verdict' })
        await form.getByRole('spinbutton', { name: 'Images of each' }).fill('24')
        await form.getByRole('button', { name: 'Start' }).click()
        await tab
          .getByRole('region', { name: 'Verdict' })
          .getByRole('table', { name: 'Settings' })
          .waitFor({ timeout: SLOW })
        await tab.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached', timeout: SLOW })
      },
      settle: 1500,
    },
    {
      name: 'inspect-why',
      async prepare({ tab, go, workbench }) {
        await go('#/sample')
        await startRun(tab, { Images: 2, Seed: 3 })
        await waitForImages(tab, 2)
        await tab.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached', timeout: SLOW })
        const { runs } = await (await workbench.api()).snapshot()
        await go(`#/inspect/${runs[0]!.id}/1?cell=102&why=attention`)
        await why(tab).getByRole('list', { name: 'Most attended' }).waitFor()
      },
      settle: 1000,
    },
    {
      name: 'inspect-layers',
      prepare: ({ tab }) => why(tab).getByRole('radio', { name: 'Layers' }).check(),
      settle: 1000,
    },
    {
      name: 'likelihood-empty',
      async prepare({ tab, go }) {
        await go('#/likelihood')
        await tab.getByText('No likelihood yet').waitFor()
      },
    },
    {
      name: 'likelihood',
      async prepare({ tab }) {
        await tab.getByRole('button', { name: 'Measure the likelihood' }).click()
        await tab
          .getByRole('img', { name: /bits by place/ })
          .first()
          .waitFor({ timeout: SLOW })
        await tab.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached', timeout: SLOW })
      },
      settle: 800,
    },
  ],
}
