// Evaluate and Published results: nothing yet, running, a result and its details.
import { startRun, waitForImages } from '../../../test/e2e/stage/workbench.ts'
import type { PageOfViews } from '../view.ts'

const SLOW = 300_000

export const evaluate: PageOfViews = {
  start: '#/evaluate',
  views: [
    {
      name: 'evaluate-empty',
      prepare: ({ tab }) => tab.getByText('No measurements yet').waitFor(),
    },
    {
      name: 'evaluate-work',
      async prepare({ tab, go }) {
        await go('#/sample')
        await startRun(tab, { Images: 64, Seed: 3 })
        await waitForImages(tab, 24)
        await tab
          .getByText(/64 images/)
          .first()
          .waitFor({ timeout: SLOW })
        await go('#/evaluate')
        for (const name of [/^Confidence/, /^Per-class values/])
          await tab.getByRole('switch', { name }).check()
        await tab.getByRole('button', { name: 'Measure', exact: true }).click()
        await tab
          .getByRole('list', { name: 'Running and queued measurements' })
          .getByText(/ of \d+ · /)
          .waitFor({ timeout: SLOW })
      },
      settle: 0,
    },
    {
      name: 'evaluate-result',
      async prepare({ tab }) {
        await tab.getByRole('list', { name: 'Farthest samples' }).waitFor({ timeout: SLOW })
      },
      settle: 2500,
    },
    {
      name: 'evaluate-usage',
      async prepare({ tab }) {
        for (let build = 0; build < 2; build++)
          await tab
            .getByRole('button', { name: /^Build the atlas of/ })
            .first()
            .click()
        await tab.getByRole('heading', { name: /^Over-used by the samples/ }).waitFor({ timeout: SLOW })
      },
      place: ({ tab }) =>
        tab
          .getByRole('region', { name: 'Cluster usage' })
          .evaluate((element) => element.scrollIntoView({ block: 'end' })),
      settle: 2000,
    },
    {
      name: 'evaluate',
      async prepare({ tab, go }) {
        await go('#/evaluate?protocol=adm')
        await tab.getByText('Missing:').waitFor()
        await tab.getByRole('table', { name: 'Measurements' }).waitFor()
      },
    },
    {
      name: 'published',
      async prepare({ tab, go }) {
        await go('#/published')
        await tab.getByRole('table', { name: 'Measured here' }).waitFor()
      },
    },
    {
      name: 'published-class',
      async prepare({ tab }) {
        await tab.getByRole('radio', { name: 'Class-conditional' }).check()
        await tab.getByRole('columnheader', { name: 'FID' }).getByRole('button').first().click()
      },
    },
  ],
}
