// The Models page in a real browser: file contents, copying by drop and by button, choices, broken files, the self-test.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { DEMO_CODEBOOK } from '../demo.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { violations } from './stage/accessibility.ts'
import { testedDevices } from './stage/page-steps.ts'
import { openWorkbench, type Workbench } from './stage/workbench.ts'

const temporary = temporaryFolder()
const codebook = readFileSync(join(demoFolder(), DEMO_CODEBOOK))
let workbench: Workbench
let tab: Page
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('#/models')
  await tab.getByRole('heading', { name: 'Files' }).waitFor()
})
afterAll(() => workbench?.close())

const sources = () => tab.getByRole('list', { name: 'Open models' }).getByRole('listitem')
const files = () => tab.getByRole('region', { name: 'Files' })
const fileField = () => tab.locator('input[type=file]').first()
const folderField = () => tab.locator('input[type=file]').nth(1)
/** A codebook as large as the demo's, with other values. */
const otherCodebook = (turn: number) => {
  const bytes = Buffer.from(codebook)
  bytes[bytes.length - turn]! ^= 1
  return bytes
}

/** Clicks a button of this kind until none is left; others may come and go meanwhile. */
async function clickAll(name: string | RegExp): Promise<void> {
  const button = tab.getByRole('button', { name })
  const clickOne = async () => {
    if ((await button.count()) > 0)
      await button
        .first()
        .click({ timeout: 1000 })
        .catch(() => {})
    return button.count()
  }
  await expect.poll(clickOne, { timeout: 10_000 }).toBe(0)
}

describe('a file', () => {
  it('a file shows its tensors, filtered by name and shape, and all other contents', async () => {
    await files()
      .getByRole('button', { name: /^vqgan_demo/ })
      .click()
    const table = tab.getByRole('table', { name: 'Tensors of vqgan_demo.ckpt' })
    await table.getByRole('row').first().waitFor()
    const all = Number(await table.getAttribute('aria-rowcount'))
    expect(all).toBeGreaterThan(50)
    expect(await table.getByRole('row').count()).toBeLessThan(all)
    await tab.getByLabel('Filter tensors').fill('quantize embedding')
    await expect.poll(() => table.getByRole('row').count()).toBe(1)
    expect(await table.getByRole('row').textContent()).toMatch(/quantize\.embedding\.weight\d+ × \d+f\d\d/)
    await files()
      .getByRole('button', { name: /^vqgan_demo/ })
      .click()
    await table.waitFor({ state: 'hidden' })
    await files()
      .getByRole('button', { name: /^vqgan.yaml/ })
      .click()
    await files().getByText('ddconfig').waitFor()
    await files()
      .getByRole('button', { name: /^vqgan.yaml/ })
      .click()
  })

  it('a selected file is copied into the workspace and opened along with the open models', async () => {
    await fileField().setInputFiles({
      name: 'km_other.npy',
      mimeType: 'application/octet-stream',
      buffer: otherCodebook(1),
    })
    await tab.getByText('Opened km_other. Previously opened models stay open.').waitFor()
    expect(await sources().allTextContents()).toEqual(['Demo', expect.stringMatching(/^km_other.*kB$/)])
    const row = files().getByRole('row').filter({ hasText: 'km_other.npy' })
    expect(await row.textContent()).toMatch(/Codebook.*[0-9a-f]{12}$/)
    expect(readFileSync(join(workbench.workspace, 'models/km_other/km_other.npy'))).toEqual(otherCodebook(1))
  })

  it('a file replaces another of its role, also after a reload', async () => {
    const choice = () => tab.getByLabel('File for K-Means')
    const before = await choice().locator('option').first().textContent()
    expect(before).toMatch(/^Automatic: /)
    await choice().selectOption({ label: 'km_other.npy' })
    const used = () =>
      files().getByRole('row').filter({ hasText: 'km_other.npy' }).getByTitle('In use', { exact: true })
    await used().waitFor()
    await tab.reload()
    await used().waitFor()
    await choice().selectOption('')
    await used().waitFor({ state: 'hidden' })
  })

  it('a broken file shows its problem', async () => {
    const whole = readFileSync(join(demoFolder(), 'models/vqgan_demo.ckpt'))
    await fileField().setInputFiles([
      { name: 'cut.ckpt', mimeType: '', buffer: whole.subarray(0, 100_000) },
      { name: 'wrong.safetensors', mimeType: '', buffer: Buffer.from('not this') },
    ])
    // In the row after the file's own.
    const problem = (name: string) =>
      files()
        .getByRole('row')
        .filter({ hasText: name })
        .locator('xpath=following-sibling::tr[1]')
        .locator('.problem')
    await problem('cut.ckpt').waitFor()
    for (const name of ['cut.ckpt', 'wrong.safetensors'])
      expect((await problem(name).textContent())!.length).toBeGreaterThan(10)
    await tab.getByRole('button', { name: 'Undo' }).click()
    await problem('cut.ckpt').waitFor({ state: 'hidden' })
    expect(await sources().count()).toBe(2)
  })
})

describe('a folder', () => {
  it('a copied folder keeps its structure; other files are ignored', async () => {
    const folder = join(temporary.path, 'mine')
    mkdirSync(join(folder, 'data/deep'), { recursive: true })
    writeFileSync(join(folder, 'data/deep/km.npy'), otherCodebook(2))
    writeFileSync(join(folder, 'data/picture.png'), 'no model')
    await folderField().setInputFiles(folder)
    await tab.getByText(/^Opened mine\./).waitFor()
    const copy = join(workbench.workspace, 'models/mine')
    expect(readFileSync(join(copy, 'data/deep/km.npy'))).toEqual(otherCodebook(2))
    expect(existsSync(join(copy, 'data/picture.png'))).toBe(false)
  })

  it('a folder is closed, reopened, and deleted after confirmation', async () => {
    await tab.getByRole('button', { name: 'Close mine' }).click()
    await tab.getByRole('button', { name: 'Open mine' }).click()
    await tab.getByRole('button', { name: 'Close mine' }).click()
    await tab.getByRole('button', { name: 'Delete mine' }).click()
    await tab.getByText(/Delete the copy of mine/).waitFor()
    await tab.getByRole('button', { name: 'Delete', exact: true }).click()
    await tab.getByRole('button', { name: 'Open mine' }).waitFor({ state: 'hidden' })
    expect(existsSync(join(workbench.workspace, 'models/mine'))).toBe(false)
  })
})

describe('a drop', () => {
  const drag = (type: string, name: string, bytes: readonly number[]) =>
    tab.evaluate(
      `(() => {
        const transfer = new DataTransfer()
        transfer.items.add(new File([new Uint8Array(${JSON.stringify(bytes)})], ${JSON.stringify(name)}))
        const event = new DragEvent(${JSON.stringify(type)}, { dataTransfer: transfer, bubbles: true, cancelable: true })
        document.body.dispatchEvent(event)
        return event.defaultPrevented
      })()`,
    )

  it('a drop shows what will happen, and does it', async () => {
    expect(await drag('dragover', 'km_third.npy', [1])).toBe(true)
    await tab.getByText('Drop to copy into the workspace').waitFor()
    expect(await drag('drop', 'km_third.npy', [...otherCodebook(3)])).toBe(true)
    await tab.getByText(/^Opened km_third\./).waitFor()
    await tab.getByText('Drop to copy into the workspace').waitFor({ state: 'hidden' })
    await tab.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => sources().count()).toBe(2)
  })

  it('a drop without a model is refused with a message', async () => {
    await drag('drop', 'notes.txt', [1])
    await tab.getByText('The dropped files contain no model files.').waitFor()
    await tab.getByRole('button', { name: 'Dismiss' }).last().click()
  })
})

it('a copy resumes after the engine was killed, and cancelling it leaves no files', async () => {
  const bytes = 96 * 2 ** 20
  const large = Buffer.concat([codebook.subarray(0, 128), Buffer.alloc(bytes - 128, 7)])
  const path = temporary.write('large.npy', large)
  await fileField().setInputFiles(path)
  await tab.getByRole('progressbar', { name: 'Copied' }).waitFor()
  const share = async () =>
    Number(await tab.getByRole('progressbar', { name: 'Copied' }).getAttribute('aria-valuenow'))
  await expect.poll(share, { interval: 20 }).toBeGreaterThan(5)
  process.kill(workbench.host.enginePid()!, 'SIGKILL')
  await tab.getByText(/^Opened large\./).waitFor({ timeout: 60_000 })
  expect(readFileSync(join(workbench.workspace, 'models/large/large.npy')).equals(large)).toBe(true)
  workbench.errors.length = 0

  writeFileSync(path, Buffer.concat([large, Buffer.alloc(1)]))
  await fileField().setInputFiles(path)
  await tab.getByRole('status').getByRole('button', { name: 'Cancel' }).click()
  await tab.getByRole('progressbar', { name: 'Copied' }).waitFor({ state: 'hidden' })
  expect(existsSync(join(workbench.workspace, 'models/large 2'))).toBe(false)
  await tab.getByRole('button', { name: 'Close large' }).click()
  await clickAll('Dismiss')
})

describe('this machine', () => {
  it('the page lists devices, the automatic choice with its reason, and the device for new runs', async () => {
    const tested = await testedDevices(tab)
    expect(tested.filter((line) => line.includes('selected by Automatic'))).toEqual([
      expect.stringContaining('CPU'),
    ])
    const devices = tab.getByRole('region', { name: 'Devices' })
    await devices.getByLabel('New runs use').selectOption('cpu')
    await devices.getByLabel('with precision').selectOption('int8')
    await tab.keyboard.press('1')
    expect(await tab.getByLabel('Device').inputValue()).toBe('cpu')
    await tab.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Models' }).click()
    await devices.getByLabel('with precision').selectOption('fp32')
  })

  it('the self-test results and their date are kept', async () => {
    const panel = tab.getByRole('region', { name: 'Self-test' })
    await panel.getByRole('button', { name: 'Test' }).click()
    await panel.getByRole('progressbar').waitFor()
    await panel.getByRole('button', { name: 'Stop' }).click()
    await panel.getByRole('button', { name: 'Test' }).click()
    await panel.getByText(/32 of 32 tokens match/).waitFor({ timeout: 120_000 })
    const numbers = await panel.getByRole('row', { name: /^CPU/ }).getByRole('cell').allTextContents()
    expect(numbers).toHaveLength(6)
    for (const number of numbers.filter((text) => text !== '–'))
      expect(Number(number.replaceAll(',', ''))).toBeGreaterThan(0)
    await tab.reload()
    await panel.getByText(/32 of 32 tokens match/).waitFor()
  })
})

it('the page without open models shows what to do', async () => {
  await clickAll(/^Close /)
  await tab.getByText('No models are open').waitFor()
  await tab.getByRole('button', { name: 'Open Demo' }).click()
  await files().waitFor()
  await tab.getByRole('button', { name: 'Open km_other' }).waitFor()
})

it('has no serious accessibility violation', async () => {
  const page = await workbench.visit('#/models', { bypassCSP: true })
  await page.getByRole('button', { name: /^vqgan_demo/ }).click()
  await page.getByRole('table', { name: 'Tensors of vqgan_demo.ckpt' }).getByRole('row').first().waitFor()
  expect(await violations(page)).toEqual([])
  await page.context().close()
})

it('the page logged no errors', () => expect(workbench.errors).toEqual([]))
