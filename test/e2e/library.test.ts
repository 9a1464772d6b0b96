// What users do with existing images: find, mark, compare, inspect, remove, restore, reconstruct.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { decodeImage, encodePng } from '../../src/engine/images/index.ts'
import { violations } from './stage/accessibility.ts'
import { images, openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

let workbench: Workbench
let tab: Page
/** A masked and an autoregressive run with the same seed. */
let nar: string
let ar: string
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('#/sample')
  nar = await sampled('Masked', { Images: 4, Seed: 3 })
  ar = await sampled('Autoregressive', { Images: 4, Seed: 3 })
})
afterAll(() => workbench?.close())

async function sampled(kind: string, fields: Record<string, number>): Promise<string> {
  await tab.getByRole('radio', { name: kind }).first().check()
  const id = await started(fields)
  await vi.waitFor(() => expect(finished(id)).toBe(fields.Images), { timeout: 120_000, interval: 100 })
  return id
}
/** Starts a run and gives its folder's name. */
async function started(fields: Record<string, number>): Promise<string> {
  const before = runFolders()
  await startRun(tab, fields)
  return vi.waitFor(
    () => {
      const id = runFolders().find((name) => !before.includes(name))
      expect(id).toBeDefined()
      return id!
    },
    { timeout: 30_000, interval: 20 },
  )
}
function runFolders(): string[] {
  try {
    return readdirSync(join(workbench.workspace, 'runs'))
  } catch {
    return []
  }
}
function finished(run: string): number {
  try {
    return readdirSync(join(workbench.workspace, 'runs', run, 'images')).filter((name) =>
      name.endsWith('.png'),
    ).length
  } catch {
    return 0
  }
}
const pngOf = (run: string, image: number) =>
  readFileSync(join(workbench.workspace, 'runs', run, 'images', `${String(image).padStart(6, '0')}.png`))
/** Resolves when the page has drawn the address: until then, what it showed before would be used. */
const show = (hash: string, page = tab) =>
  page.evaluate(`new Promise((drawn) => {
    location.hash = ${JSON.stringify(hash)}
    requestAnimationFrame(() => requestAnimationFrame(drawn))
  })`)
const gallery = () => tab.getByRole('group', { name: 'Images' })
const chosen = () =>
  tab.locator('[data-cell]').evaluateAll((all) => all.map((mark) => mark.getAttribute('data-cell')))

/** Drops a file on the named drop zone. */
async function drop(zone: string, name: string, bytes: Uint8Array, type = 'image/png'): Promise<void> {
  const content = JSON.stringify(Buffer.from(bytes).toString('base64'))
  const data = await tab.evaluateHandle(`(() => {
    const transfer = new DataTransfer()
    const bytes = Uint8Array.from(atob(${content}), (letter) => letter.charCodeAt(0))
    transfer.items.add(new File([bytes], ${JSON.stringify(name)}, { type: '${type}' }))
    return transfer
  })()`)
  await tab.dispatchEvent('body', 'dragenter', { dataTransfer: data })
  await tab.getByRole('region', { name: zone }).dispatchEvent('drop', { dataTransfer: data })
}

describe('favourites', () => {
  it('favorites are marked by a key, filtered, and survive a reload', async () => {
    await show(`#/library/${ar}`)
    await waitForImages(tab, 4)
    await gallery().locator('[data-index="2"]').focus()
    await tab.keyboard.press('f')
    await tab.getByRole('button', { name: 'Favorite: image 2' }).waitFor()
    await tab.reload()
    await tab.getByRole('button', { name: 'Favorites', exact: true }).click()
    await expect.poll(() => images(tab).count()).toBe(1)
    await tab.getByRole('button', { name: 'Favorite: image 2' }).click()
    await tab.getByText('No images match the filters').waitFor()
    await tab.getByRole('button', { name: 'Show all' }).click()
    await waitForImages(tab, 4)
  })
})

describe('filters', () => {
  it('the library filters by kind, date and model', async () => {
    await show('#/library')
    await waitForImages(tab, 8)
    await tab.getByLabel('Kind').selectOption('nar')
    await expect.poll(() => images(tab).count()).toBe(4)
    await tab.getByLabel('Date').selectOption('1')
    const model = tab.getByLabel('Model')
    const first = await model.locator('option').nth(1).getAttribute('value')
    await model.selectOption(first!)
    await expect.poll(() => images(tab).count()).toBe(4)
    expect(new URL(tab.url()).hash).toContain(`model=${first!}`)
  })
})

describe('a run', () => {
  it('a run is renamed by key, found by its name, and called by its settings again', async () => {
    await show(`#/library/${nar}`)
    const list = tab.getByRole('navigation', { name: 'Runs' })
    const heading = (name: RegExp) => tab.getByRole('heading', { name })
    await heading(/^Unconditional · NAR · seed 3/).waitFor()
    await tab.keyboard.press('F2')
    await tab.keyboard.type('baseline of table 2')
    await tab.keyboard.press('Enter')
    await heading(/^baseline of table 2/).waitFor()
    expect(readFileSync(join(workbench.workspace, 'runs', nar, 'name.txt'), 'utf8')).toBe(
      'baseline of table 2\n',
    )
    await tab.reload()
    await tab.getByLabel('Search runs').fill('table nar')
    await list.getByText('baseline of table 2').waitFor()
    await expect.poll(() => list.getByText(/ AR · seed/).count()).toBe(0)
    await tab.getByLabel('Search runs').fill('')
    await tab.getByRole('button', { name: 'Rename the run' }).click()
    await tab.keyboard.press('Escape')
    await heading(/^baseline of table 2/).waitFor()
    await tab.getByRole('button', { name: 'Rename the run' }).click()
    await tab.getByLabel('Name of the run').fill('')
    await tab.keyboard.press('Enter')
    await heading(/^Unconditional · NAR · seed 3/).waitFor()
  })

  it('several runs are selected, shown together, removed and restored', async () => {
    await show('#/library')
    const list = tab.getByRole('navigation', { name: 'Runs' })
    const [first, second] = ['NAR', 'AR'].map((kind) =>
      list.getByText(`Unconditional · ${kind} · seed 3`, { exact: true }),
    ) as [Locator, Locator]
    await first.click()
    await second.click({ modifiers: ['Control'] })
    await tab.getByRole('heading', { name: '2 runs' }).waitFor()
    const before = runFolders().length
    await tab.reload()
    await tab.getByRole('button', { name: 'Remove 2' }).click()
    await expect.poll(() => runFolders().length).toBe(before - 2)
    await tab.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => runFolders().length).toBe(before)
    await first.click()
    await second.click({ modifiers: ['Shift'] })
    await tab.getByRole('heading', { name: '2 runs' }).waitFor()
    await tab.keyboard.press('Escape')
    await tab.getByRole('heading', { name: /NAR · seed 3/ }).waitFor()
  })

  it('a run is removed, and restored from the notice', async () => {
    await show(`#/library/${nar}`)
    await tab.getByRole('button', { name: 'Remove' }).click()
    const notices = tab.getByRole('region', { name: 'Notices' })
    await notices.getByText('Removed Unconditional · NAR · seed 3').waitFor()
    await tab.getByRole('heading', { name: 'All runs' }).waitFor()
    expect(runFolders()).not.toContain(nar)
    await notices.getByRole('button', { name: 'Undo' }).click()
    await tab.getByRole('navigation', { name: 'Runs' }).getByText('NAR · seed 3').waitFor()
    expect(finished(nar)).toBe(4)
  })

  it('a removed run is in the trash, and is restored from there', async () => {
    await show(`#/library/${nar}`)
    await tab.getByRole('button', { name: 'Remove' }).click()
    await tab.getByRole('button', { name: 'Trash' }).click()
    const trash = tab.getByRole('dialog', { name: 'Trash' })
    await trash.getByRole('button', { name: 'Delete it' }).click()
    await trash.getByRole('button', { name: 'Cancel' }).click()
    await trash.getByRole('listitem').getByRole('button', { name: 'Restore' }).click()
    await trash.getByText('The trash is empty').waitFor()
    await tab.keyboard.press('Escape')
    expect(finished(nar)).toBe(4)
  })

  it('a cancelled run is resumed to its end', async () => {
    await show('#/sample')
    await tab.getByRole('radio', { name: 'Masked' }).first().check()
    const id = await started({ Images: 5, Batch: 1, Seed: 40 })
    await expect.poll(() => finished(id), { timeout: 60_000, interval: 20 }).toBeGreaterThan(0)
    await tab.keyboard.press('Escape')
    await show(`#/library/${id}`)
    await tab
      .getByText(/Cancelled · \d+ of 5/)
      .first()
      .waitFor()
    const kept = finished(id)
    expect(kept).toBeLessThan(5)
    await tab.getByRole('button', { name: 'Resume' }).click()
    await expect.poll(() => finished(id), { timeout: 120_000 }).toBe(5)
    await expect.poll(() => tab.getByRole('button', { name: 'Resume' }).count()).toBe(0)
  })
})

describe('a dropped PNG', () => {
  it('a dropped PNG shows its recipe and changes the settings only on request', async () => {
    await show('#/sample')
    const seed = tab.getByLabel('Seed', { exact: true })
    await seed.fill('999')
    await show('#/library')
    await drop('Drop to show the recipe', 'found.png', pngOf(nar, 1))
    const dialog = tab.getByRole('dialog', { name: 'found.png' })
    await dialog.getByText('masked (NAR)').waitFor()
    await tab.keyboard.press('Escape')
    await show('#/sample')
    expect(await seed.inputValue()).toBe('999')
    await drop('Drop to show the recipe', 'found.png', pngOf(nar, 1))
    await dialog.getByRole('button', { name: 'Restore all' }).click()
    await dialog.waitFor({ state: 'hidden' })
    expect(await seed.inputValue()).toBe('3')
  })

  it('a PNG made with other models lists them', async () => {
    const png = pngOf(nar, 1)
    const hash = /"vqgan":"([0-9a-f]{64})"/.exec(png.toString('latin1'))![1]!
    const other = withText(png, hash, 'f'.repeat(64))
    await drop('Drop to show the recipe', 'other.png', other)
    await tab.getByRole('note').getByText('ffffffffffff').waitFor()
    await tab.keyboard.press('Escape')
  })

  it('a PNG of another program is recognized and can be reconstructed', async () => {
    const stripped = await encodePng(await decodeImage(pngOf(nar, 1)))
    await drop('Drop to show the recipe', 'stripped.png', stripped)
    await tab.getByText('No recipe in this file').waitFor()
    await tab.getByText('stripped.png: no digit record').waitFor()
    await tab.getByRole('button', { name: 'Reconstruct it' }).click()
    await tab.getByRole('img', { name: 'Token drift' }).waitFor({ timeout: 60_000 })
  })
})

describe('a reconstruction', () => {
  it('a reconstruction of a dropped picture shows original, tokens, result and token drift', async () => {
    const folder = join(demoFolder(), 'images')
    const [kind] = readdirSync(folder)
    const name = readdirSync(join(folder, kind!))[0]!
    await drop('Drop to reconstruct', name, readFileSync(join(folder, kind!, name)))
    await tab.getByRole('figure').getByText(name, { exact: true }).waitFor({ timeout: 60_000 })
    for (const part of ['Original', 'Discriminative tokens', 'VQGAN codes', 'Result', 'Token drift'])
      await tab.getByRole('img', { name: part, exact: true }).waitFor()
    const [, kept, changed] = /([\d.]+) % kept · (\d+) cells changed/.exec(
      (await tab.getByText(/ % kept · \d+ cells changed/).textContent())!,
    )!
    expect(Math.abs(100 * (1 - Number(changed) / 256) - Number(kept))).toBeLessThan(0.6)
    const list = tab.getByRole('region', { name: 'Changed tokens' }).getByRole('button')
    expect(await list.count()).toBe(Number(changed))
  })

  it('refuses a file that is not a picture, by name', async () => {
    await drop('Drop to reconstruct', 'letter.txt', new TextEncoder().encode('a letter'), 'text/plain')
    const problem = tab.getByRole('region', { name: 'Problems' })
    await problem.getByText('letter.txt: not a readable image').waitFor()
    await problem.getByRole('button', { name: 'Dismiss' }).click()
  })
})

describe('the same token', () => {
  it('the same token is found in every image of the run that contains it', async () => {
    // The cell under the pointer would be shown instead of the one in the address; another page forgets it.
    await tab.mouse.move(5, 5)
    await show('#/library')
    await tab.getByRole('heading', { name: 'All runs' }).waitFor()
    await show(`#/inspect/${ar}/1?cell=0`)
    await tab.getByRole('img', { name: 'VQGAN codes' }).waitFor()
    const tokenCell = tab
      .getByRole('row', { name: /^Discriminative tokens/ })
      .getByRole('cell')
      .first()
    const token = discriminative(pngOf(ar, 1))[0]!
    await expect.poll(async () => Number(await tokenCell.textContent())).toBe(token)
    await tab.keyboard.press('s')
    const told = tab.getByRole('region', { name: 'Same token' }).getByRole('status')
    await expect.poll(() => told.textContent()).toMatch(/of 4 images/)
    const [, shown, cells] = /In (\d+) of 4 images, (\d+) cell/.exec((await told.textContent())!.trim())!
    // Read from the files themselves.
    const grids = [0, 1, 2, 3].map((image) => discriminative(pngOf(ar, image)))
    const holding = grids.filter((grid) => grid.includes(token)).length
    const count = grids.flatMap((grid) => [...grid]).filter((other) => other === token).length
    expect([Number(shown), Number(cells)]).toEqual([holding, count])
    const found = tab.getByRole('region', { name: 'Same token' }).locator('[data-marked]')
    expect(await found.count()).toBe(holding)
    await tab.keyboard.press('s')
  })
})

describe('why this token', () => {
  const why = () => tab.getByRole('region', { name: 'Why this token' })
  /** Name and value of each row. */
  const rowsOf = async (list: string) => {
    const rows = why().getByRole('list', { name: list }).getByRole('listitem')
    const [names, found] = await Promise.all(
      ['.name', '.value'].map((part) => rows.locator(part).allTextContents()),
    )
    return names!.map((name, i) => [name, found![i]!] as const)
  }

  it('attention is shown by layer, and its numbers are those of the engine', async () => {
    await show(`#/sample/${ar}/1?cell=20`)
    await tab.getByRole('link', { name: 'Why?' }).click()
    await why().getByRole('radio', { name: /^Code/ }).check()
    const { input, layers, heads, weights, rollout, lens } = await (
      await workbench.api()
    ).readAttention(ar, 1, 'codes', 20)
    expect(input).toMatchObject({ prefix: 256, positions: 277, position: 276, start: 'symbol' })
    const largest = (shares: ArrayLike<number>) => {
      const [at] = Array.from(shares, (_, i) => i).sort((a, b) => shares[b]! - shares[a]!)
      return [placeName(at!), shares[at!]!] as const
    }
    const placeName = (at: number) =>
      at === 256 ? 'Start symbol' : at < 256 ? `Token in cell ${at}` : `Code in cell ${at - 257}`
    const first = async () => {
      const [row] = await rowsOf('Most attended')
      return [row?.[0], Number.parseFloat(row?.[1] ?? '')]
    }
    const mean = Array.from({ length: input.positions }, (_, at) => {
      let sum = 0
      for (let row = 0; row < layers * heads; row++) sum += weights[row * input.positions + at]!
      return sum / (layers * heads)
    })
    const layer1 = weights.subarray(0, input.positions)
    await expect.poll(first).toEqual([largest(mean)[0], expect.closeTo(100 * largest(mean)[1], 0)])
    await tab.keyboard.press('.')
    await why().getByText('Rollout', { exact: true }).waitFor()
    await expect.poll(first).toEqual([largest(rollout)[0], expect.closeTo(100 * largest(rollout)[1], 0)])
    await why().getByRole('slider', { name: 'Layer' }).fill('1')
    await why().getByRole('combobox', { name: 'Head' }).selectOption('1')
    await expect.poll(first).toEqual([largest(layer1)[0], expect.closeTo(100 * largest(layer1)[1], 0)])
    expect(new URL(tab.url()).hash).toMatch(/depth=1&head=1/)

    await why().getByRole('radio', { name: 'Layers' }).check()
    const rows = why().getByRole('table').locator('tbody').getByRole('row')
    expect(await rows.count()).toBe(layers + 1)
    const rank = rows.last().getByRole('cell').nth(1)
    expect(await rank.textContent()).toBe(String(lens.ranks[layers]! + 1))
  })

  it('masking each position shows how much it changed the token, and a click selects its cell', async () => {
    await show(`#/inspect/${ar}/1?cell=3&why=influence`)
    await why().getByRole('button', { name: 'Mask each of 4 positions' }).click()
    await why().getByText('4 of 4 positions masked').waitFor()
    const api = await workbench.api()
    const { logProbability } = await api.readAttention(ar, 1, 'discriminative', 3)
    const found = await api.readMasked(ar, 1, 'discriminative', 3, [0, 1, 2, 3])
    const changes = new Map(
      ['Start symbol', 'Token in cell 0', 'Token in cell 1', 'Token in cell 2'].map((name, at) => [
        name,
        logProbability - found[at]!,
      ]),
    )
    const shown = await rowsOf('Most influential')
    expect(shown.length).toBeGreaterThan(2)
    for (const [name, value] of shown)
      expect(Number(value.replace('−', '-'))).toBeCloseTo(changes.get(name!)!, 2)
    await why().getByRole('button', { name: 'Token in cell 1' }).click()
    await expect.poll(chosen).toEqual(['1', '1', '1'])
    await tab.keyboard.press('ArrowLeft')
    await why().getByText('there is nothing before it to read').waitFor()
    await tab.keyboard.press('w')
    await tab.getByRole('region', { name: 'Cell', exact: true }).waitFor()
  })
})

describe('comparing', () => {
  it('compared images share one cursor and show their differences', async () => {
    for (const run of [ar, nar]) {
      await show(`#/library/${run}`)
      await waitForImages(tab, 4)
      await gallery().locator('[data-index="1"]').focus()
      await tab.keyboard.press('x')
    }
    await tab.getByRole('button', { name: 'Compare 2' }).click()
    const grid = tab.getByRole('img', { name: 'VQGAN codes of B' })
    const { width, height } = (await grid.boundingBox())!
    await grid.hover({ position: { x: (width * 4.5) / 16, y: (height * 10.5) / 16 } })
    await expect.poll(chosen).toEqual(Array(6).fill('164'))
    // The same seed draws the same first stage; only the second differs.
    await tab.getByText('Same as A').waitFor()
    const recipes = tab.getByRole('region', { name: 'Recipes' })
    expect(await recipes.getByRole('row', { name: /^Kind/ }).textContent()).toContain('masked (NAR)')
  })

  it('the scrubber steps through both images together, also by keys', async () => {
    const shown = () =>
      tab.locator('[data-value=step]').evaluateAll((all) => all.map((text) => text.textContent.trim()))
    await tab.mouse.move(5, 5)
    await expect.poll(shown).toEqual(['256 of 256 cells', 'step 8 of 8'])
    await tab.getByRole('slider', { name: 'Step' }).fill('128')
    await expect.poll(shown).toEqual(['128 of 256 cells', 'step 4 of 8'])
    await expect.poll(() => new URL(tab.url()).hash).toContain('step=128')
    await tab.evaluate('document.activeElement.blur()')
    await tab.keyboard.press('.')
    await expect.poll(shown).toEqual(['129 of 256 cells', 'step 4 of 8'])
    await expect.poll(() => new URL(tab.url()).hash).toContain('step=129')
    await tab.reload()
    await expect.poll(shown).toEqual(['129 of 256 cells', 'step 4 of 8'])
    await tab.keyboard.press('Home')
    await expect.poll(shown).toEqual(['0 of 256 cells', 'step 0 of 8'])
    await tab.keyboard.press(' ')
    await expect.poll(shown, { timeout: 15_000 }).toEqual(['256 of 256 cells', 'step 8 of 8'])
  })
})

it('no serious accessibility violation', async () => {
  const page = await workbench.visit('#/library', { bypassCSP: true })
  const at = async (hash: string) => {
    await show(hash, page)
    await page.waitForTimeout(700)
    expect(await violations(page), hash).toEqual([])
  }
  await at(`#/library/${ar}?favourites=`)
  await at(`#/inspect/${ar}/1?cell=5&same=1`)
  for (const why of ['attention', 'influence', 'layers'])
    await at(`#/inspect/${nar}/1?cell=5&grid=codes&why=${why}`)
  const reconstructed = runFolders().find((run) =>
    readdirSync(join(workbench.workspace, 'runs', run)).includes('sources'),
  )!
  await at(`#/inspect/${reconstructed}/0?cell=5`)
  await at(`#/compare?images=${ar}:1,${nar}:1&cell=5`)
  await at(`#/compare?images=${ar}:1,${nar}:1,${ar}:2&cell=5`)
  await page.context().close()
})

it('logged no errors', () => {
  expect(workbench.errors).toEqual([])
})

/** Discriminative tokens of an image, from the text in its PNG alone. */
function discriminative(png: Uint8Array): Uint16Array {
  const text = /"discriminative":\{"bits":16,"tokens":"([^"]+)"/.exec(
    Buffer.from(png).toString('latin1'),
  )![1]!
  return new Uint16Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
}

/** The PNG with one text in place of another of the same length, with its checksum fixed. */
function withText(png: Uint8Array, before: string, after: string): Uint8Array {
  const bytes = Buffer.from(png)
  bytes.write(after, bytes.indexOf(before), 'latin1')
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12) {
    const end = at + 8 + bytes.readUInt32BE(at)
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end)
  }
  return bytes
}
