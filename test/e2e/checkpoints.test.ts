// A folder of checkpoints as a curve over epochs, from the window: chosen, swept, and each point with its samples.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { writeTrainingSeries } from '../engine/training-series.ts'
import { openWorkbench, type Workbench } from './stage/workbench.ts'

const SLOW = 300_000

let workbench: Workbench
let tab: Page
const folder = mkdtempSync(join(tmpdir(), 'digit-checkpoints-'))
beforeAll(async () => {
  await writeTrainingSeries(join(folder, 'outputs/my_stage1/checkpoints'), [
    { epoch: 1, updates: 100, sharpness: 0 },
    { epoch: 5, updates: 500, sharpness: 0.5 },
    { epoch: 20, updates: 2000, sharpness: 1 },
  ])
  workbench = await openWorkbench([demoFolder(), folder])
  tab = await workbench.visit('#/curves')
}, SLOW)
afterAll(async () => {
  await workbench?.close()
  rmSync(folder, { recursive: true, force: true })
})

it(
  'checkpoints are listed by epoch, swept, and plotted at their epochs and updates',
  async () => {
    await tab.getByLabel('Axis 1').selectOption({ label: 'Checkpoint' })
    const boxes = tab.getByRole('checkbox', { name: /checkpoint/ })
    await expect.poll(() => boxes.count()).toBe(4)
    await tab.getByRole('checkbox', { name: 'demo_stage1/checkpoint_last.pt' }).uncheck()
    await tab.getByRole('spinbutton', { name: 'Images' }).fill('4')
    await tab.getByText('12 images', { exact: true }).waitFor()
    await tab.getByRole('button', { name: 'Start the sweep' }).click()
    await tab
      .getByRole('img', { name: 'FD (6-block ViT) against epoch, 3 points' })
      .waitFor({ timeout: SLOW })
    const rows = tab.getByRole('table', { name: 'Points' }).getByRole('button')
    expect(await rows.allTextContents()).toEqual(
      [1, 5, 20].map((epoch) => expect.stringContaining(`my_stage1/checkpoint${epoch}.pt`) as string),
    )
    await tab.getByLabel('X axis', { exact: true }).selectOption({ label: 'Update' })
    await tab.getByRole('img', { name: 'FD (6-block ViT) against update, 3 points' }).waitFor()
  },
  SLOW,
)

it('points of two checkpoints show their samples side by side', async () => {
  const rows = tab.getByRole('table', { name: 'Points' }).getByRole('button')
  await rows.first().click()
  await rows.last().click({ modifiers: ['Shift'] })
  for (const [letter, epoch] of [
    ['A', 1],
    ['B', 20],
  ] as const) {
    const point = tab.getByRole('article', { name: `Point ${letter}` })
    await point.getByText(`my_stage1/checkpoint${epoch}.pt`).waitFor()
    await point.getByRole('img', { name: 'Image 3' }).waitFor()
  }
  expect(workbench.errors).toEqual([])
})
