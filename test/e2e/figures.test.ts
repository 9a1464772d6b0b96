// Figures in a real browser over the real engine: composed, reordered, undone, kept, exported with the command's bytes.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFile, readEntry, readZip } from '../../src/engine/bytes/index.ts'
import { runSample } from '../../src/engine/runs/sample.ts'
import type { SampleSpec } from '../../src/shared/run/run.ts'
import type { FigureInput } from '../../src/shared/figures/figure.ts'
import { BUILT } from '../built.ts'
import { violations } from './stage/accessibility.ts'
import { makeFigureRuns, type FigureRuns } from './stage/figure-runs.ts'
import { openWorkbench, type Workbench } from './stage/workbench.ts'

let workbench: Workbench
let tab: Page
let runs: FigureRuns
beforeAll(async () => {
  workbench = await openWorkbench()
  runs = await makeFigureRuns(workbench.workspace)
  tab = await workbench.visit('#/figures')
  tab.setDefaultTimeout(30_000)
})
afterAll(() => workbench?.close())

/** The machine is shared: saving may take a while. */
const eventually = <T>(value: () => T | Promise<T>) => expect.poll(value, { timeout: 20_000 })
const file = (id: string, name = 'figure.json') => join(workbench.workspace, 'figures', id, name)
const saved = (id = 'panels') => JSON.parse(readFileSync(file(id), 'utf8')) as FigureInput
const numbers = () => {
  const [panel] = saved().rows[0]!
  return panel!.kind === 'grid' ? panel!.images.map((ref) => ('image' in ref ? ref.image : -1)) : []
}
const cell = (panel: string, n: number) =>
  tab.getByRole('button', { name: new RegExp(`^Panel \\(${panel}\\) cell ${n}:`) })
const go = (hash: string) => tab.goto(tab.url().replace(/#.*/, hash))
const count = 8
const inOrder = Array.from({ length: count }, (_, i) => i)

describe('a figure of three panels', () => {
  it('a figure of three panels is composed from runs', async () => {
    await tab.getByText('No figures yet').waitFor()
    await tab.getByRole('button', { name: 'New figure' }).first().click()
    await tab.getByLabel('Name').fill('panels')
    await tab.getByRole('button', { name: /^Sample grid/ }).click()
    await tab.getByRole('heading', { level: 1, name: 'panels' }).waitFor()
    await tab.getByRole('button', { name: 'Choose images' }).click()
    const dialog = tab.getByRole('dialog')
    await dialog.getByRole('combobox', { name: 'How images are chosen' }).selectOption('order')
    await dialog.getByRole('combobox', { name: 'Run' }).selectOption(runs.classes)
    await dialog.getByRole('spinbutton', { name: 'Images' }).fill(String(count))
    await dialog.getByRole('button', { name: `Show these ${count}` }).click()
    await eventually(numbers).toEqual(inOrder)
    const rule = `the first ${count} images of the run`
    await tab.getByText(`Selection: ${rule}, uncurated`).waitFor()
    await cell('a', 3).click()
    await tab.keyboard.press('Delete')
    await tab.getByText(`Selection: ${rule}, then by hand: 1 removed`).waitFor()
    await tab.getByRole('button', { name: 'Undo' }).click()
    await tab.getByText(`Selection: ${rule}, uncurated`).waitFor()
    for (const name of [/^Reconstruction strip/, /^Trade-off/]) {
      await tab.getByRole('button', { name: 'Panel', exact: true }).click()
      await tab.getByRole('button', { name }).click()
    }
    await tab.getByLabel('Points').fill('3, 100\n4, 120\n6, 140')
    await tab.getByRole('button', { name: 'Move row up' }).click()
    await expect
      .poll(() => saved().rows.map((row) => row.map(({ kind }) => kind)))
      .toEqual([['grid'], ['reconstruction', 'chart']])
    await cell('b', 8).waitFor()
    await expect
      .poll(() =>
        tab
          .locator('.drawn image')
          .evaluateAll((all) => all.every((image) => image.getAttribute('xlink:href')?.startsWith('blob:'))),
      )
      .toBe(true)
  })

  it('tokens of a new figure have the colors of the pages, and others on request', async () => {
    expect(saved().tokenColours).toBe('meaning')
    const api = await workbench.api()
    const { meaning } = await api.readTokenColours('discriminative')
    const { tokens } = (await api.readRecord(runs.pictures, 0)).discriminative!
    const cells = async () => {
      const laid = await api.previewFigure('panels', JSON.stringify(saved()))
      if ('problem' in laid) throw new Error(laid.problem)
      const [first] = laid.list.items.flatMap((item) =>
        item.kind === 'image' && item.source.of === 'tokens' ? [item.source.cells] : [],
      )
      return first
    }
    const hex = (token: number) => Buffer.from(meaning.subarray(token * 3, token * 3 + 3)).toString('hex')
    expect(await cells()).toBe(Array.from(tokens, hex).join(''))
    await tab.getByRole('radio', { name: 'Page' }).check()
    const drawn = tab.locator('.drawn image').nth(count + 1)
    const before = await drawn.getAttribute('xlink:href')
    await tab.getByRole('combobox', { name: 'Token colors' }).selectOption('distinct')
    await eventually(() => saved().tokenColours).toBe('distinct')
    await eventually(() => drawn.getAttribute('xlink:href')).not.toBe(before)
    await tab.getByRole('combobox', { name: 'Token colors' }).selectOption('meaning')
    await eventually(() => saved().tokenColours).toBe('meaning')
    await tab.getByRole('radio', { name: 'Panels' }).check()
  })

  it('images are reordered by keys and by mouse, and undone', async () => {
    await cell('a', 1).click()
    await tab.keyboard.press('Shift+ArrowRight')
    await eventually(numbers).toEqual([1, 0, ...inOrder.slice(2)])
    await tab.keyboard.press('Shift+ArrowDown')
    await eventually(numbers).toEqual([1, 2, 3, 4, 5, 0, 6, 7])
    await tab.getByRole('button', { name: 'Undo' }).click()
    await tab.getByRole('button', { name: 'Undo' }).click()
    await eventually(numbers).toEqual(inOrder)
    await tab.getByRole('button', { name: 'Redo' }).click()
    await eventually(numbers).toEqual([1, 0, ...inOrder.slice(2)])
    const [from, to] = [(await cell('a', 4).boundingBox())!, (await cell('a', 1).boundingBox())!]
    await tab.mouse.move(from.x + 9, from.y + 9)
    await tab.mouse.down()
    await tab.mouse.move(to.x + 40, to.y + 30, { steps: 4 })
    await tab.mouse.up()
    await eventually(numbers).toEqual([3, 1, 0, 2, 4, 5, 6, 7])
    await cell('a', 8).focus()
    await tab.keyboard.press('Delete')
    await eventually(numbers).toEqual([3, 1, 0, 2, 4, 5, 6])
    await tab.keyboard.press('Control+z')
    await eventually(numbers).toEqual([3, 1, 0, 2, 4, 5, 6, 7])
  })

  it('undo steps survive a reload', async () => {
    await tab.reload()
    await tab.getByRole('button', { name: 'Redo' }).click()
    await eventually(numbers).toEqual([3, 1, 0, 2, 4, 5, 6])
    await tab.reload()
    await tab.getByRole('button', { name: 'Undo' }).click()
    await tab.getByRole('button', { name: 'Undo' }).click()
    await eventually(numbers).toEqual([1, 0, ...inOrder.slice(2)])
    await tab.getByRole('button', { name: 'Redo' }).click()
    await eventually(numbers).toEqual([3, 1, 0, 2, 4, 5, 6, 7])
    await cell('a', 1).waitFor()
  })

  it('a drawn rectangle crops or enlarges an image', async () => {
    const draw = async (tool: string, n: number) => {
      await tab.getByRole('radio', { name: tool }).check()
      const { x, y, width, height } = (await cell('a', n).boundingBox())!
      await tab.mouse.move(x + width / 4, y + height / 4)
      await tab.mouse.down()
      await tab.mouse.move(x + width / 2, y + height / 2, { steps: 4 })
      await tab.mouse.up()
    }
    const grid = () => {
      const [panel] = saved().rows[0]!
      if (panel!.kind !== 'grid') throw new Error('no grid')
      return panel!
    }
    await draw('Inset', 2)
    await eventually(() => grid().insets?.[0]?.cell).toBe(1)
    const { region } = grid().insets![0]!
    expect(region.width / region.x).toBeCloseTo(1, 0)
    // Insets follow their image.
    await cell('a', 2).focus()
    await tab.keyboard.press('Shift+ArrowLeft')
    await eventually(() => grid().insets?.[0]?.cell).toBe(0)
    await draw('Crop', 3)
    await eventually(() => grid().crop?.width).toBeGreaterThan(0)
    await tab.getByRole('button', { name: 'Undo' }).click()
    await eventually(() => grid().crop).toBeUndefined()
  })

  it('an invalid field shows its problem, and the last valid figure is kept', async () => {
    await tab.getByRole('button', { name: '(a) grid' }).click()
    const before = readFileSync(file('panels'), 'utf8')
    await tab.getByRole('spinbutton', { name: 'Columns' }).fill('0')
    await tab.getByText('Not saved: a field is invalid').waitFor()
    expect(await tab.getByRole('spinbutton', { name: 'Columns' }).getAttribute('aria-invalid')).toBe('true')
    await tab.waitForTimeout(800)
    expect(readFileSync(file('panels'), 'utf8')).toBe(before)
    // Not on disk, but not lost with the page.
    await tab.reload()
    await tab.getByText('Not saved: a field is invalid').waitFor()
    await tab.getByRole('button', { name: '(a) grid' }).click()
    expect(await tab.getByRole('spinbutton', { name: 'Columns' }).inputValue()).toBe('0')
    await tab.getByRole('spinbutton', { name: 'Columns' }).fill('4')
    await tab.getByLabel('Row labels').fill('one\ntwo\nthree')
    await tab.getByRole('alert').getByText('found 3 row labels for 2 rows').waitFor()
    await tab.getByLabel('Row labels').fill('')
    await tab.getByRole('alert').waitFor({ state: 'detached' })
    await tab.getByRole('radio', { name: 'Page' }).check()
    await tab.getByLabel('Width').selectOption('')
    await tab.getByRole('spinbutton', { name: 'Width (cm)' }).fill('0')
    await tab.getByText('Not saved: a field is invalid').waitFor()
    await tab.getByRole('spinbutton', { name: 'Width (cm)' }).fill('12')
    await eventually(() => saved().page).toEqual({ width: 12 })
    await tab.getByText('12.00 ×').waitFor()
    await tab.getByRole('radio', { name: 'Text' }).check()
    await tab
      .getByRole('region', { name: 'Methods' })
      .getByText(/sha256/)
      .waitFor()
  })

  it('the zoom and the panel survive a reload', async () => {
    await tab.getByRole('combobox', { name: 'Zoom' }).selectOption('100')
    await tab.getByRole('radio', { name: 'Panels' }).check()
    await cell('b', 3).click()
    const { width } = (await tab.locator('.paper').boundingBox())!
    // 12 cm at 96 pixels an inch.
    expect(width).toBeCloseTo((12 / 2.54) * 96, 0)
    const was = saved()
    await tab.reload()
    await cell('b', 3).waitFor()
    await eventually(() => cell('b', 3).getAttribute('class')).toContain('chosen')
    await tab.getByRole('region', { name: 'Fields of the panel: reconstruction' }).waitFor()
    expect(saved()).toEqual(was)
    expect((await tab.locator('.paper').boundingBox())!.width).toBeCloseTo(width, 0)
  })

  it('the export has the same bytes as the command line', async () => {
    await tab.getByRole('button', { name: 'Export' }).click()
    const dialog = tab.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Export' }).click()
    const files = dialog.getByRole('region', { name: 'Exported files' })
    await files.waitFor()
    const bytesOf = async (name: string) => {
      const [download] = await Promise.all([
        tab.waitForEvent('download'),
        files.getByRole('button', { name }).click(),
      ])
      return (download as Download).path()
    }
    const out = join(workbench.workspace, 'command')
    execFileSync(process.execPath, [BUILT.command, 'figure', file('panels'), '--out', out], {
      env: { ...process.env, DIGIT_WORKSPACE: workbench.workspace },
    })
    const made = readdirSync(out)
    expect(made.length).toBe(9)
    const pdf = await bytesOf('Download panels.pdf')
    expect(readFileSync(pdf).equals(readFileSync(join(out, 'panels.pdf')))).toBe(true)
    const zip = await openFile(await bytesOf('All files (zip)'))
    const entries = await readZip(zip)
    for (const name of made) {
      const entry = entries.get(`panels/${name}`)
      const bytes = await readEntry(zip, entry!)
      expect(Buffer.from(bytes).equals(readFileSync(join(out, name))), name).toBe(true)
    }
    await zip.close()
    await dialog.getByRole('button', { name: 'Export' }).click()
    await tab.getByText('9 files of an earlier export already exist').waitFor()
    await tab.getByRole('button', { name: 'Replace', exact: true }).click()
    await files.waitFor()
    await tab.keyboard.press('Escape')
  })
})

describe('figures', () => {
  it('broken and newer figures are distinguished and can be fixed', async () => {
    for (const [id, text] of [
      ['newer', '{"schema": 9}'],
      ['broken', '{"schema": 1, "rows": []}'],
    ] as const) {
      mkdirSync(join(workbench.workspace, 'figures', id))
      writeFileSync(file(id), text)
    }
    await go('#/figures')
    await tab.reload()
    await tab.getByText('found schema 9, expected at most 1').first().waitFor()
    await tab.getByRole('link', { name: 'Open newer' }).click()
    await tab.getByRole('alert').getByText('made by a newer version of this program').waitFor()
    await go('#/figures/broken')
    const alert = tab.getByRole('alert')
    await alert.getByText(/broken\/figure\.json: rows/).waitFor()
    const chart = {
      kind: 'chart',
      x: { label: 'x' },
      y: { label: 'y' },
      series: [{ label: 'a', points: [[0, 1]] }],
    }
    await tab.getByLabel('Text of figure.json').fill(JSON.stringify({ schema: 1, rows: [[chart]] }))
    await tab.getByRole('button', { name: 'Save' }).click()
    await tab.getByRole('region', { name: 'Fields of the panel: chart' }).waitFor()
    expect(readFileSync(file('newer'), 'utf8')).toBe('{"schema": 9}')
    await go('#/figures/nothing')
    await tab.getByText('Cannot show this figure').waitFor()
  })

  it('a figure reports a missing image and works after removing it', async () => {
    const image = (run: string, image: number) => ({ run, image })
    mkdirSync(join(workbench.workspace, 'figures', 'gone'))
    writeFileSync(
      file('gone'),
      JSON.stringify({
        schema: 1,
        rows: [
          [{ kind: 'grid', columns: 2, images: [image(runs.classes, 0), image('20200101-000000-dead', 3)] }],
        ],
      }),
    )
    await go('#/figures/gone')
    await tab.getByRole('alert').getByText('20200101-000000-dead').waitFor()
    await tab.getByRole('button', { name: 'Remove it' }).click()
    await eventually(() => saved('gone').rows[0]![0]).toMatchObject({ images: [image(runs.classes, 0)] })
    await cell('a', 1).waitFor()
    // Somebody else writes the file meanwhile.
    writeFileSync(file('gone'), JSON.stringify({ ...saved('gone'), dpi: 72 }))
    await tab.getByLabel('Title').fill('mine')
    await tab.getByRole('alert').getByText('Changed elsewhere').waitFor()
    await tab.getByRole('button', { name: 'Use that version' }).click()
    await eventually(() => tab.getByLabel('Title').inputValue()).toBe('')
    expect(saved('gone').dpi).toBe(72)
  })

  it('the Library sends images to a figure and exports the run as a gallery', async () => {
    await go(`#/library/${runs.masked}`)
    await tab.getByRole('button', { name: 'Add to figure' }).click()
    await tab.getByRole('status').getByText('2 images to place').waitFor()
    await tab.getByRole('link', { name: 'Open gone' }).click()
    await tab.getByText('2 images added to gone').waitFor()
    await eventually(() => saved('gone').rows.length).toBe(2)
    await go(`#/library/${runs.masked}`)
    await tab.getByRole('button', { name: 'Export' }).click()
    const dialog = tab.getByRole('dialog')
    await dialog.getByRole('radio', { name: /^Gallery/ }).check()
    await dialog.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([
      tab.waitForEvent('download'),
      dialog.getByRole('button', { name: 'All files (zip)' }).click(),
    ])
    const zip = await openFile(await download.path())
    const names = [...(await readZip(zip)).keys()]
    await zip.close()
    expect(names).toEqual(
      ['000000.png', '000001.png']
        .map((name) => `${runs.masked}-html/images/${name}`)
        .concat(`${runs.masked}-html/index.html`),
    )
    await tab.keyboard.press('Escape')
  })

  it('figures are copied, renamed, removed and restored', async () => {
    await go('#/figures')
    await tab.getByRole('button', { name: 'Copy gone' }).click()
    await tab.getByRole('button', { name: 'Rename gone-2' }).click()
    await tab.getByLabel('New name').fill('renamed')
    await tab.keyboard.press('Enter')
    await tab.getByRole('link', { name: 'Open renamed' }).waitFor()
    await tab.getByRole('button', { name: 'Remove renamed' }).click()
    await tab.getByRole('link', { name: 'Open renamed' }).waitFor({ state: 'detached' })
    await tab.getByRole('button', { name: 'Undo' }).last().click()
    await tab.getByRole('link', { name: 'Open renamed' }).waitFor()
  })
})

describe('a published figure', () => {
  const EDIT = '20261120-110000-eeee'
  const image = (run: string, image: number) => ({ run, image })
  beforeAll(async () => {
    const out = join(workbench.workspace, 'runs', EDIT)
    const { spec } = JSON.parse(
      readFileSync(join(workbench.workspace, 'runs', runs.classes, 'run.json'), 'utf8'),
    ) as { spec: SampleSpec }
    const from = image(runs.classes, 1)
    const callbacks = { signal: new AbortController().signal, progress: () => {} }
    await runSample({ ...spec, out, classes: [2], seed: 5, count: 2, commonNoise: 'stage2', from }, callbacks)
    mkdirSync(join(workbench.workspace, 'figures', 'pub'), { recursive: true })
    const { modelSet } = await (await workbench.api()).snapshot()
    const codebook = modelSet!.files.find(({ id }) => id === modelSet!.set.codebook)!.sha256
    const { discriminative } = await (await workbench.api()).readRecord(runs.classes, 0)
    const entry = discriminative!.tokens[0]!
    const label = { entry, label: 'sky', note: '', tags: [], changed: new Date().toISOString() }
    mkdirSync(join(workbench.workspace, 'labels'), { recursive: true })
    writeFileSync(
      join(workbench.workspace, 'labels', `km.${codebook.slice(0, 8)}.clusters.json`),
      JSON.stringify({ schema: 1, codebook, labels: [label] }),
    )
    const grid = {
      kind: 'grid',
      columns: 3,
      images: [...[0, 3].map((n) => image(runs.classes, n)), image(EDIT, 1)],
    }
    const strip = { kind: 'reconstruction', images: [image(runs.pictures, 0)] }
    writeFileSync(file('pub'), JSON.stringify({ schema: 1, dpi: 100, rows: [[grid], [strip]] }))
  })

  it('Inspect and the Library show where an image comes from', async () => {
    await go(`#/inspect/${EDIT}/1`)
    await tab.reload()
    const origin = tab.getByRole('region', { name: 'Where it comes from' })
    await origin.getByText('2 other grids, the same random numbers in stage 2, seed 5').waitFor()
    await origin.getByRole('link', { name: 'Figure pub' }).waitFor()
    await origin.getByRole('link', { name: /^image 1/ }).click()
    await eventually(() => tab.url()).toContain(`#/inspect/${runs.classes}/1`)
    await origin.getByRole('link', { name: /^Variance/ }).click()
    await eventually(() => tab.url()).toContain(`#/library/${EDIT}`)
    await tab.getByRole('button', { name: 'Lineage' }).click()
    const tree = tab.getByRole('dialog', { name: 'Where it comes from' })
    await tree.getByRole('link', { name: /^Run 4 classes/ }).waitFor()
    expect(await tree.getByRole('listitem').count()).toBeGreaterThanOrEqual(4)
    await tab.keyboard.press('Escape')
  })

  it('is made by a button, and opens from disk without a network', async () => {
    await go('#/figures/pub')
    await tab.getByRole('button', { name: 'Publish' }).click()
    const dialog = tab.getByRole('dialog', { name: 'Publish' })
    await dialog.getByRole('button', { name: 'Publish' }).click()
    const made = dialog.getByRole('region', { name: 'Published folder' })
    await made.getByText(/4 images, \d+ files, [\d.]+ MB/).waitFor()
    const [download] = await Promise.all([
      tab.waitForEvent('download'),
      made.getByRole('button', { name: 'All files (zip)' }).click(),
    ])
    const zip = await openFile(await download.path())
    expect([...(await readZip(zip)).keys()]).toContain('pub-published/index.html')
    await zip.close()
    await tab.keyboard.press('Escape')

    const folder = join(workbench.workspace, 'exports', 'pub-published')
    const address = pathToFileURL(join(folder, 'index.html')).href
    const logged: string[] = []
    const context = await tab.context().browser()!.newContext({ offline: true })
    const page = await context.newPage()
    page.on('console', (message) => logged.push(message.text()))
    page.on('pageerror', (error) => logged.push(error.message))
    page.on('request', (request) => !request.url().startsWith('file:') && logged.push(request.url()))
    await page.goto(address)
    await page.getByText('Nothing is selected').waitFor()
    const fonts = await page.evaluate<string[]>(
      'document.fonts.ready.then((all) => [...all].map((f) => f.status))',
    )
    expect(fonts).toEqual(['loaded', 'loaded'])
    const cells = [
      ['(a) cell 1', 'Image 0,', '3'],
      ['(a) cell 2', 'Image 3,', '3'],
      ['(a) cell 3', 'Image 1,', '5'],
      ['(b) cell 3', 'Image 0 of run', '3'],
    ] as const
    for (const [label, title, seed] of cells) {
      await page.getByRole('link', { name: label, exact: true }).click()
      const shown = page.locator('.cell:target')
      expect(await shown.getByRole('heading', { level: 2 }).innerText()).toContain(title)
      expect(await shown.getByRole('row', { name: /^Seed/ }).innerText()).toMatch(new RegExp(`\\b${seed}$`))
      const picture = shown.locator('.stack img')
      expect(await picture.evaluate((one: { naturalWidth?: number }) => one.naturalWidth)).toBe(128)
      await shown.locator('.stack').hover({ position: { x: 20, y: 20 } })
      await shown.getByText(/^Cell \d+, row/).waitFor()
    }
    // The label of its first cell, which the mouse points at, is of the codebook that is open.
    await page.goto(`${address}#a-1`)
    await page.locator('.cell:target .readout').getByText('‘sky’').waitFor()
    // Keys: the next image, its tokens, and back to the figure.
    await page.keyboard.press('ArrowRight')
    await eventually(() => page.url()).toMatch(/#a-2$/)
    await page.locator('.cell:target .stack').focus()
    // From the first cell, which the mouse has pointed at.
    await page.keyboard.press('ArrowDown')
    await page.locator('.cell:target').getByText('Cell 16, row 1, column 0').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Nothing is selected').waitFor()
    expect(logged).toEqual([])
    await context.close()
  })

  it.each([
    ['light', 1440],
    ['dark', 720],
  ] as const)('has no serious accessibility violation (%s, %i wide)', async (colorScheme, width) => {
    const viewport = { width, height: 700 }
    const context = await tab.context().browser()!.newContext({ colorScheme, viewport, bypassCSP: true })
    const page = await context.newPage()
    await page.goto(pathToFileURL(join(workbench.workspace, 'exports/pub-published/index.html')).href)
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: '(a) cell 3', exact: true }).click()
    expect(await violations(page)).toEqual([])
    await context.close()
  })
})

describe('the pages', () => {
  it('the pages have no serious accessibility violation', async () => {
    const page = await workbench.visit('#/figures', { bypassCSP: true })
    await page.getByRole('link', { name: 'Open panels' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'Open panels' }).click()
    await page.getByRole('button', { name: /^Panel \(a\) cell 8/ }).waitFor()
    expect(await violations(page)).toEqual([])
    for (const name of ['Page', 'Text', 'JSON']) {
      await page.getByRole('radio', { name }).check()
      expect(await violations(page)).toEqual([])
    }
    await page.getByRole('radio', { name: 'Panels' }).check()
    await page.getByRole('button', { name: 'Choose images' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  it('the pages logged no errors', () => {
    expect(workbench.errors).toEqual([])
  })
})
