// Models: the start state, file contents, a choice, broken files, the self-test, a drop, and empty.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import { DEMO_CODEBOOK } from '../../../test/demo.ts'
import type { PageOfViews, Stage } from '../view.ts'

const files = (tab: Page) => tab.getByRole('region', { name: 'Files' })
const panel = (tab: Page) => tab.getByRole('region', { name: 'Self-test' })
const toTop = ({ tab }: Stage) => tab.getByRole('heading', { level: 1 }).scrollIntoViewIfNeeded()
const toPanel = ({ tab }: Stage) => panel(tab).scrollIntoViewIfNeeded()
const tensors = (tab: Page) => tab.getByRole('table', { name: /^Tensors/ })

const give = (tab: Page, files: readonly { name: string; buffer: Buffer }[]) =>
  tab
    .locator('input[type=file]')
    .first()
    .setInputFiles(files.map((file) => ({ ...file, mimeType: '' })))

export const models: PageOfViews = {
  start: '#/models',
  views: [
    { name: 'models', prepare: ({ tab }) => files(tab).waitFor() },
    {
      name: 'models-inside',
      async prepare({ tab }) {
        await files(tab)
          .getByRole('button', { name: /^vqgan_demo/ })
          .click()
        await tensors(tab).getByRole('row').first().waitFor()
      },
      place: ({ tab }) => tensors(tab).scrollIntoViewIfNeeded(),
      afterwards: ({ tab }) =>
        files(tab)
          .getByRole('button', { name: /^vqgan_demo/ })
          .click(),
    },
    {
      name: 'models-choose',
      async prepare({ tab }) {
        const other = Buffer.from(readFileSync(join(demoFolder(), DEMO_CODEBOOK)))
        other[other.length - 1]! ^= 1
        await give(tab, [{ name: 'km_2048.npy', buffer: other }])
        await tab.getByText(/^Opened km_2048/).waitFor()
        await tab.getByLabel('File for K-Means').waitFor()
      },
      place: toTop,
    },
    {
      name: 'models-broken',
      async prepare({ tab }) {
        const vqgan = readFileSync(join(demoFolder(), 'models/vqgan_demo.ckpt'))
        await give(tab, [
          { name: 'vqgan_cut.ckpt', buffer: vqgan.subarray(0, 100_000) },
          { name: 'dinov2.safetensors', buffer: Buffer.from('not what its name says') },
        ])
        await files(tab).locator('.problem').nth(1).waitFor()
      },
      place: ({ tab }) => files(tab).locator('.problem').nth(1).scrollIntoViewIfNeeded(),
      async afterwards({ tab }) {
        await tab.getByRole('button', { name: 'Undo' }).click()
        await files(tab).locator('.problem').first().waitFor({ state: 'hidden' })
      },
    },
    {
      name: 'models-testing',
      async prepare({ tab }) {
        await panel(tab).getByRole('button', { name: 'Test', exact: true }).click()
        await panel(tab)
          .getByText(/stage 2|pixels/)
          .waitFor({ timeout: 300_000 })
      },
      place: toPanel,
    },
    {
      name: 'models-tested',
      prepare: ({ tab }) =>
        panel(tab)
          .getByText(/tokens match/)
          .waitFor({ timeout: 600_000 }),
      place: toPanel,
    },
    {
      name: 'models-drop',
      async prepare({ tab }) {
        await tab.evaluate(`(() => {
          const dataTransfer = new DataTransfer()
          dataTransfer.items.add(new File([], 'a.pt'))
          document.body.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }))
        })()`)
        await tab.getByText('Drop to copy').waitFor()
      },
      place: toTop,
      afterwards: ({ tab }) => tab.reload(),
    },
    {
      name: 'models-empty',
      async prepare({ tab }) {
        for (const name of ['Demo', 'km_2048'])
          await tab.getByRole('button', { name: `Close ${name}` }).click()
        await tab.getByText('No models are open').waitFor()
      },
    },
  ],
}
