// Curves: no sweep yet, a running one (6 points of 24 images with errors), its curve, a point's samples, two compared;
// a second sweep in the chart; a linear probe.
import type { Page } from 'playwright-core'
import type { PageOfViews } from '../view.ts'

const SLOW = 900_000
/** Address of the first sweep. */
let sweep = ''
const points = (tab: Page) => tab.getByRole('table', { name: 'Points' }).getByRole('button')

export const curves: PageOfViews = {
  start: '#/curves',
  views: [
    {
      name: 'curves-empty',
      prepare: ({ tab }) =>
        tab.getByText('About', { exact: false }).or(tab.getByText('Measure the speed')).first().waitFor(),
    },
    {
      name: 'curves-work',
      async prepare({ tab }) {
        await tab.getByRole('spinbutton', { name: 'Images' }).fill('24')
        await tab.getByRole('switch', { name: /^Error bars/ }).check()
        await tab.getByRole('button', { name: 'Start the sweep' }).click()
        await tab.getByText(/^cell 2 of/).waitFor({ timeout: SLOW })
        await tab.getByRole('img', { name: /points?$/ }).waitFor({ timeout: SLOW })
        sweep = new URL(tab.url()).hash
      },
    },
    {
      name: 'curves',
      async prepare({ tab }) {
        await tab.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached', timeout: SLOW })
        await points(tab).nth(2).click()
      },
      settle: 2500,
    },
    {
      name: 'curves-compare',
      prepare: ({ tab }) =>
        points(tab)
          .nth(5)
          .click({ modifiers: ['Shift'] }),
      settle: 2500,
    },
    {
      name: 'curves-beside',
      async prepare({ tab, go }) {
        await go('#/sample')
        await tab.getByRole('radio', { name: 'Masked' }).check()
        await go('#/curves')
        await tab.getByRole('button', { name: 'Start the sweep' }).click()
        await tab.getByRole('img', { name: /, 6 points$/ }).waitFor({ timeout: SLOW })
        const masked = /curves\/([^?]+)/.exec(new URL(tab.url()).hash)![1]!
        await go(`${sweep.replace(/[&?]a=.*/, '')}${sweep.includes('?') ? '&' : '?'}with=${masked}`)
        await tab.getByRole('img', { name: /, 12 points$/ }).waitFor()
        await points(tab).nth(2).click()
      },
      settle: 2500,
    },
    {
      name: 'curves-sweeps',
      async prepare({ tab }) {
        await tab.keyboard.press('s')
        await tab.getByRole('list', { name: 'Sweeps' }).waitFor()
      },
      settle: 800,
    },
    {
      name: 'probe-empty',
      async prepare({ tab }) {
        await tab.keyboard.press('p')
        await tab.getByText('No linear probe yet').waitFor()
      },
    },
    {
      name: 'probe',
      async prepare({ tab }) {
        await tab.getByRole('button', { name: 'Start the probe' }).click()
        await tab.getByRole('img', { name: /layer/ }).waitFor({ timeout: SLOW })
      },
      settle: 800,
    },
  ],
}
