// Generators of other families in a real browser, on the tiny checkpoints of their original classes: imported, sampled,
// stopped and resumed, inspected, edited, measured, swept, and put into a figure.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { bytesSource, readEntry, readNpz, readZip } from '../../src/engine/bytes/index.ts'
import { decodeImage } from '../../src/engine/images/index.ts'
import { layersOf } from '../../src/engine/records/image-record.ts'
import { FAMILIES, familyOf, type FamilyName } from '../../src/shared/generators/families.ts'
import { settingRow } from '../../src/shared/generators/settings.ts'
import { demoPicture } from '../demo.ts'
import { changed, renamed, tensorsOf, torchFile } from '../torch-file.ts'
import { openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

const FIXTURES = 'test/fixtures/generators'

interface Row {
  readonly family: FamilyName
  /** Fields of the Sample page that no file fills, and few steps where there is a choice. */
  readonly fields?: Readonly<Record<string, number>>
  readonly heads?: number
  readonly classes?: string
  readonly presets: readonly string[]
  readonly isMasked?: boolean
  /** Draws several grids, from coarse to fine. */
  readonly scales?: boolean
}
const ROWS: readonly Row[] = [
  {
    family: 'mage',
    heads: 2,
    fields: { Steps: 2 },
    presets: ['Published: ViT-B', 'Script'],
    isMasked: true,
  },
  {
    family: 'maskgit',
    heads: 4,
    fields: { Steps: 2 },
    classes: 'tiger shark',
    presets: ['Published', 'Without guidance'],
    isMasked: true,
  },
  {
    family: 'taming',
    classes: 'class 3',
    presets: ['Published: README', 'Script', 'All codes'],
  },
  {
    family: 'rar',
    classes: 'tiger shark',
    presets: ['Published: example', 'Without guidance'],
  },
  {
    family: 'llamagen',
    classes: 'tiger shark',
    presets: ['Published: evaluation script', 'Without guidance'],
  },
  {
    family: 'var',
    classes: 'tiger shark',
    presets: ['Published', 'Without guidance'],
    scales: true,
  },
]

let workbench: Workbench
let tab: Page
const runs = new Map<FamilyName, string>()
let ofLargePictures: string
let fewPictures: string
beforeAll(async () => {
  workbench = await openWorkbench([demoFolder(), join(FIXTURES, 'mage')])
  tab = await workbench.visit('#/models')
  await tab.getByRole('heading', { name: 'Files' }).waitFor()
})
afterAll(() => workbench?.close())

const go = (page: string) =>
  tab.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: page }).click()
const card = (family: FamilyName) =>
  tab
    .getByRole('region', { name: 'Generators' })
    .getByRole('listitem')
    .filter({ has: tab.getByRole('heading', { name: FAMILIES[family].title, exact: true }) })
/** The width of a picture that was loaded. */
const pixelsOf = (image: Locator) =>
  image.evaluate((one) => (one as unknown as { naturalWidth: number }).naturalWidth)
const runId = async () => (await (await workbench.api()).snapshot()).runs[0]!.id

describe('Models', () => {
  it('a generator says which tokenizer it needs, and gets it from another file', async () => {
    const field = tab.locator('input[type=file]')
    await field.nth(0).setInputFiles(join(FIXTURES, 'llamagen/c2i_B_256.pt'))
    await card('llamagen').getByText('LlamaGen needs a LlamaGen VQ of 56 codes (found none)').waitFor()
    expect(await card('llamagen').getByRole('button', { name: 'Sample' }).isDisabled()).toBe(true)
    await field.nth(0).setInputFiles(join(FIXTURES, 'llamagen/vq_ds16_c2i.pt'))
    await card('llamagen').getByText('Tokenizer vq_ds16_c2i.pt').waitFor()
  })

  it('folders are imported beside what is open, and numbers of heads entered', async () => {
    for (const folder of ['maskgit', 'taming', 'rar', 'var']) {
      await tab.locator('input[type=file]').nth(1).setInputFiles(join(FIXTURES, folder))
      await tab.getByText(new RegExp(`^Opened ${folder}\\.`)).waitFor()
    }
    for (const { family, heads } of ROWS) {
      if (heads === undefined) continue
      expect(await card(family).getByRole('button', { name: 'Sample' }).isDisabled()).toBe(true)
      await card(family).getByRole('spinbutton', { name: 'Attention heads' }).fill('5')
      await card(family).getByText('Must divide the width of 32').waitFor()
      await card(family).getByRole('spinbutton', { name: 'Attention heads' }).fill(String(heads))
    }
    for (const { family } of ROWS)
      await expect.poll(() => card(family).getByRole('button').isEnabled()).toBe(true)
  })
})

describe.each(ROWS)('$family', ({ family, fields = {}, classes, presets, isMasked, scales }) => {
  const { title } = FAMILIES[family]
  const settings = familyOf(family).settings.map((name) => {
    const { words } = settingRow(name)
    return words[0]!.toUpperCase() + words.slice(1)
  })

  it('shows exactly its settings and samples', async () => {
    await go('Models')
    await card(family).getByRole('button', { name: 'Sample' }).click()
    const panel = tab.getByRole('form', { name: 'Settings' })
    await expect.poll(() => tab.getByLabel('Generator').inputValue()).not.toBe('digit')
    const shown = await panel
      .getByRole('spinbutton')
      .or(panel.getByRole('switch'))
      .evaluateAll((all) =>
        all.map((one) =>
          (one as unknown as { labels: { textContent: string }[] }).labels[0]?.textContent.trim(),
        ),
      )
    const common = ['Attention heads', 'Images', 'Seed', 'Batch', 'Pack images', 'Live']
    expect(shown.filter((name) => !common.includes(name!))).toEqual(settings)
    expect(await tab.getByLabel('Preset').locator('option').allTextContents()).toEqual(
      presets.map((name) => expect.stringContaining(name) as string),
    )
    if (classes !== undefined) {
      await panel.getByRole('button', { name: 'None' }).click()
      await panel.getByRole('option').filter({ hasText: classes }).first().click()
    }
    await startRun(tab, { ...fields, Images: 2, Seed: 7 })
    await tab.getByRole('heading', { level: 1, name: new RegExp(title.replace(/[()]/g, '.')) }).waitFor()
    await waitForImages(tab, 2)
    runs.set(family, await runId())
  })

  it('is inspected: tokens, log-probability, rank, entropy, and steps where it has them', async () => {
    await tab.goto(tab.url().replace(/#.*/, `#/inspect/${runs.get(family)}/0?cell=9`))
    const layers = tab.getByRole('group', { name: 'Layer' })
    const shown = ['Token', 'Log-probability', 'Rank', 'Entropy', ...(isMasked ? ['Step'] : [])]
    await expect
      .poll(() =>
        layers.getByRole('radio').evaluateAll((all) => all.map((one) => one.parentElement?.textContent)),
      )
      .toEqual(shown)
    expect(await tab.getByLabel('Why this token').isDisabled()).toBe(true)
    await tab.getByRole('complementary', { name: 'Recipe' }).getByText(title, { exact: true }).waitFor()
    if (!scales) return
    const tabs = tab.getByRole('region', { name: 'Scales' })
    expect(await tabs.getByRole('radio').count()).toBe(10)
    await tabs.getByRole('radio', { name: '2 × 2' }).check()
    await tabs.getByLabel('Scale of 2 by 2').click()
    await tabs.getByRole('row', { name: /^Row [01], column [01]/ }).waitFor()
    await tabs.getByRole('region', { name: 'Sampler' }).getByText('drawn', { exact: true }).waitFor()
    // Ten pictures, one after each scale, and the chosen one large.
    await expect.poll(() => pixelsOf(tabs.getByLabel('Picture up to 2 by 2').locator('img'))).toBe(256)
    await expect.poll(() => tabs.locator('fieldset img').count()).toBe(10)
    const sources = await tabs
      .locator('fieldset img')
      .evaluateAll((all) => all.map((one) => one.getAttribute('src')))
    expect(new Set(sources).size).toBe(10)
    await tab.goto(tab.url().replace(/#.*/, `#/sample/${runs.get(family)}/0`))
    await tab.getByText('VAR draws 10 scales, each from all coarser ones', { exact: false }).waitFor()
    expect(await tab.getByRole('button', { name: /^Resample/ }).isDisabled()).toBe(true)
  })
})

it.each(['rar', 'maskgit', 'mage'] as const)(
  'the studio weighs the tokens of a cell of %s as they were drawn',
  async (family) => {
    const run = runs.get(family)!
    const { codes } = await (await workbench.api()).readRecord(run, 0)
    await tab.goto(tab.url().replace(/#.*/, `#/sample/${run}/0?cell=9`))
    const sampler = tab.getByRole('region', { name: 'Sampler' })
    const drawn = sampler.getByRole('button').filter({ hasText: 'drawn' })
    await drawn.waitFor()
    const number = async (what: RegExp) =>
      (await sampler.getByText(what).locator('..').locator('dd').textContent())!
    expect(await number(/^Sampled .*: rank$/)).toBe(String(codes.ranks![9]! + 1))
    const logProbability = await number(/^Sampled .*: log-probability$/)
    expect(Number(logProbability.replace('−', '-'))).toBeCloseTo(codes.logProbabilities![9]!, 2)
    // With another setting it is another distribution.
    const setting =
      family === 'mage' ? undefined : tab.getByRole('spinbutton', { name: 'Guidance', exact: true })
    if (!setting) return
    await setting.fill('1.5')
    await expect.poll(() => number(/^Sampled .*: log-probability$/)).not.toBe(logProbability)
  },
)

describe.each(['var', 'rar'] as const)('export of a run of %s', (family) => {
  /** Exports it by the dialog; the archive's files by their names in the folder. */
  async function exported(form: string) {
    await tab.goto(tab.url().replace(/#.*/, `#/library/${runs.get(family)}`))
    await tab.getByRole('button', { name: 'Export', exact: true }).click()
    const dialog = tab.getByRole('dialog')
    await dialog.getByRole('radio', { name: form }).check()
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await dialog.getByRole('heading', { name: 'Exported files' }).waitFor()
    const [download] = await Promise.all([
      tab.waitForEvent('download'),
      dialog.getByRole('button', { name: 'All files (zip)' }).click(),
    ])
    const source = bytesSource('zip', readFileSync(await download.path()))
    await dialog.getByRole('button', { name: 'Close' }).click()
    const files = new Map<string, Buffer>()
    for (const [name, entry] of await readZip(source))
      files.set(name.replace(/^[^/]+\//, ''), Buffer.from(await readEntry(source, entry)))
    return files
  }

  it('its images are exported as they are', async () => {
    const files = await exported('PNG files')
    expect([...files.keys()]).toEqual(['000000.png', '000001.png'])
    const api = await workbench.api()
    for (const image of [0, 1])
      expect(files.get(`00000${image}.png`)!.equals(await api.readImage(runs.get(family)!, image))).toBe(true)
  })

  it('the batch for ADM has the pixels of its images, and their classes', async () => {
    const files = await exported('ADM batch')
    expect([...files.keys()]).toEqual(['samples_2x256x256x3.json', 'samples_2x256x256x3.npz'])
    const { order } = JSON.parse(files.get('samples_2x256x256x3.json')!.toString()) as { order: number[] }
    const arrays = await readNpz(bytesSource('npz', files.get('samples_2x256x256x3.npz')!))
    const { shape, data } = arrays.get('arr_0')!
    expect(shape).toEqual([2, 256, 256, 3])
    for (const [i, image] of order.entries()) {
      const png = join(workbench.workspace, 'runs', runs.get(family)!, 'images', `00000${image}.png`)
      const { rgb } = await decodeImage(png)
      expect(Buffer.from((data as Uint8Array).slice(i * rgb.length, (i + 1) * rgb.length)).equals(rgb)).toBe(
        true,
      )
    }
    expect(Array.from(arrays.get('arr_1')!.data, Number)).toEqual([3, 3])
  })

  it('every layer of tokens has its file, with a line for each image', async () => {
    const files = await exported('Token grids')
    const api = await workbench.api()
    const layers = layersOf(await api.readRecord(runs.get(family)!, 1))
    const names = Object.keys(layers)
    expect(names).toHaveLength(family === 'var' ? 10 : 1)
    expect([...files.keys()]).toEqual(names.map((name) => `${name}.codecs`))
    for (const name of names) {
      const lines = files.get(`${name}.codecs`)!.toString().trim().split('\n')
      expect(lines).toHaveLength(2)
      expect(lines[1]!.split(' ').map(Number)).toEqual([...layers[name]!.tokens])
    }
  })
})

it('a stopped run resumes, with the same images', async () => {
  await go('Models')
  await card('rar').getByRole('button', { name: 'Sample' }).click()
  await startRun(tab, { Images: 4, Seed: 7, Batch: 1 })
  await waitForImages(tab, 1)
  await tab.getByRole('button', { name: /^Cancel/ }).click()
  await tab.getByRole('button', { name: 'Resume' }).click()
  await waitForImages(tab, 4)
  const api = await workbench.api()
  const [whole, resumed] = [runs.get('rar')!, await runId()]
  for (const image of [0, 1])
    expect(await api.readImage(resumed, image)).toEqual(await api.readImage(whole, image))
  // What follows draws several at once.
  await tab.getByRole('spinbutton', { name: 'Batch' }).first().fill('8')
})

it('the studio draws the rest of an image again with its own generator', async () => {
  const parent = runs.get('rar')!
  await tab.goto(tab.url().replace(/#.*/, `#/sample/${parent}/0?cell=200`))
  await tab.getByText('RAR draws row by row: a token sees only the cells before it.').waitFor()
  await tab.getByRole('spinbutton', { name: 'Variants' }).fill('1')
  await tab.getByRole('button', { name: /^Branch/ }).click()
  await tab.getByRole('article', { name: '56 codes resampled by RAR' }).getByRole('img').first().waitFor()
  const api = await workbench.api()
  const tokens = async (run: string) => (await api.readRecord(run, 0)).codes.tokens
  const [before, after] = [await tokens(parent), await tokens(await runId())]
  expect(after.subarray(0, 200)).toEqual(before.subarray(0, 200))
})

it('the same seed and class are drawn by another generator, and compared', async () => {
  await tab.goto(tab.url().replace(/#.*/, `#/sample?run=${runs.get('rar')}`))
  await tab.getByLabel('Draw the same seed with').selectOption({ label: 'LlamaGen' })
  await tab.getByRole('heading', { level: 1, name: /LlamaGen/ }).waitFor()
  await waitForImages(tab, 2)
  await tab.getByRole('button', { name: 'Compare with RAR' }).click()
  await tab.getByRole('region', { name: 'A: image 0' }).getByText('tiger shark').first().waitFor()
  await tab
    .getByRole('row', { name: /^Family/ })
    .getByText('LlamaGen')
    .waitFor()
})

it('a measurement says which generator drew the samples, and with which settings', async () => {
  await tab.goto(tab.url().replace(/#.*/, `#/evaluate?samples=run.${runs.get('rar')}&reference=demo`))
  await tab.getByRole('button', { name: 'Measure', exact: true }).click()
  await tab.getByText('RAR · temperature 1, guidance 4, guidance power 0').waitFor()
})

it('the use of its codes is compared with that of real pictures through its tokenizer', async () => {
  const folder = join(workbench.workspace, '../few')
  mkdirSync(folder)
  for (const i of [0, 1, 2, 3]) cpSync(demoPicture(0, i), join(folder, `${i}.png`))
  await go('Clusters')
  await tab.getByText('Use your own folder, other images or other tokens').click()
  await tab.getByLabel('Picture folder').setInputFiles(folder)
  // A list of what the tokens of the chosen images can be.
  const tokens = tab.getByLabel('Tokens').getByRole('option')
  await tokens.getByText('Codes by maskgit-vqgan-imagenet-f16-256.bin').waitFor({ state: 'attached' })
  await expect.poll(() => tab.getByLabel('Images').inputValue()).toMatch(/^set /)
  fewPictures = (await tab.getByLabel('Images').inputValue()).replace(' ', '.')
  await tab.getByLabel('Images').selectOption(`run ${runs.get('rar')}`)
  await expect.poll(() => tokens.count()).toBe(1)

  await tab.goto(
    tab.url().replace(/#.*/, `#/evaluate?samples=run.${runs.get('rar')}&reference=${fewPictures}`),
  )
  await tab.getByRole('button', { name: 'Measure', exact: true }).click()
  const usage = tab.getByRole('region', { name: 'Cluster usage' })
  const builds = usage.getByRole('button', { name: /^Build the atlas of/ })
  await expect.poll(() => builds.count()).toBe(2)
  await builds.first().click()
  await expect.poll(() => builds.count()).toBe(1)
  await builds.first().click()
  await usage.getByRole('heading', { name: /^Under-used by the samples/ }).waitFor()
  const atlases = await (await workbench.api()).listAtlases()
  expect(atlases.map(({ tokens, info }) => [tokens, info?.entries])).toEqual([
    ['codes', 64],
    ['codes', 64],
  ])
  expect(new Set(atlases.map(({ codebook }) => codebook)).size).toBe(1)
})

it('a tokenizer is measured alone: pictures are made again by it, and compared with themselves', async () => {
  await tab.goto(tab.url().replace(/#.*/, `#/evaluate?reference=${fewPictures}`))
  await tab.getByText('Measure the tokenizer instead').click()
  await tab.getByRole('button', { name: 'maskgit-vqgan-imagenet-f16-256.bin alone' }).click()
  const api = await workbench.api()
  const made = async () => (await api.snapshot()).runs.find(({ reconstruct }) => reconstruct)
  await expect.poll(async () => (await made())?.status).toMatchObject({ state: 'done', finished: 4 })
  const { id, request, reconstruct } = (await made())!
  expect([request, reconstruct!.vqganOnly]).toEqual([undefined, undefined])
  const { codes, discriminative } = await api.readRecord(id, 0)
  // The codes of the same picture in the atlas that was made with this tokenizer.
  const atlas = (await api.listAtlases()).find(({ source }) => source.kind === 'set')!
  expect(discriminative).toBeUndefined()
  expect(codes.tokens).toEqual((await api.readAtlasImage(atlas.id, 0)).tokens)
  await tab.getByRole('button', { name: 'Measure', exact: true }).click()
  const numbers = tab.getByRole('complementary', { name: 'Results and protocol' })
  await numbers.getByText(/^reconstructions of images of the reference/).waitFor()
  await numbers.getByText('PSNR', { exact: false }).first().waitFor()
})

it('a scale of a run of VAR has an atlas, with its own grid', async () => {
  const run = runs.get('var')!
  await go('Clusters')
  await tab.getByRole('button', { name: 'New atlas' }).click()
  await tab.getByLabel('Images').selectOption(`run ${run}`)
  await tab.getByLabel('Tokens').selectOption('VQGAN codes, 13 × 13')
  await tab.getByRole('button', { name: 'Build the atlas' }).click()
  const api = await workbench.api()
  const atlas = async () =>
    (await api.listAtlases()).find(({ source }) => 'run' in source && source.run === run)
  await expect.poll(async () => (await atlas())?.info).toMatchObject({ images: 2, cells: 2 * 13 ** 2 })
  const { id, tokens, scale } = (await atlas())!
  expect([id, tokens, scale]).toEqual([`${run}-scale_13`, 'codes', 13])
  const drawn = layersOf(await api.readRecord(run, 1)).scale_13!.tokens
  const { tokens: found, png } = await api.readAtlasImage(id, 1)
  expect(found).toEqual(drawn)
  expect(Buffer.from(png).readUInt32BE(16) % 13).toBe(0)
  await tab.goto(tab.url().replace(/#.*/, `#/clusters/${id}/${drawn[168]}`))
  await tab.getByText('cells at each of the 13 × 13 positions').waitFor()
})

it('guidance is swept, and the curve is named after the generator', async () => {
  await tab.goto(tab.url().replace(/#.*/, '#/curves'))
  await expect.poll(() => tab.getByLabel('Axis 1', { exact: true }).inputValue()).toBeTruthy()
  await tab.getByLabel('Axis 1', { exact: true }).selectOption({ label: 'Guidance' })
  await tab.getByLabel('Values of Guidance').fill('1, 2')
  await tab.getByRole('spinbutton', { name: 'Images' }).fill('2')
  await tab.getByRole('button', { name: 'Start the sweep' }).click()
  await tab.getByRole('img', { name: 'FD (6-block ViT) against guidance, 2 points' }).waitFor()
})

it('a verdict may ask which of two generators is better', async () => {
  await tab.goto(tab.url().replace(/#.*/, '#/curves?view=verdict'))
  await tab.getByLabel('Axis 1', { exact: true }).selectOption({ label: 'Generator' })
  // MAGE has no classes; MaskGIT's heads are known on the page alone.
  for (const name of ['MAGE', 'MaskGIT']) expect(await tab.getByLabel(name, { exact: true }).count()).toBe(0)
  for (const name of ['DiGIT', 'VQGAN (taming)', 'VAR']) await tab.getByLabel(name, { exact: true }).uncheck()
  for (const name of ['RAR', 'LlamaGen'])
    expect(await tab.getByLabel(name, { exact: true }).isChecked()).toBe(true)
  await tab.getByText(/^2 settings, compared at /).waitFor()
  await expect.poll(() => tab.getByRole('button', { name: 'Start', exact: true }).isEnabled()).toBe(true)
})

it('a figure has one generator a row and the same classes as columns', async () => {
  await tab.goto(tab.url().replace(/#.*/, '#/figures'))
  await tab.getByRole('button', { name: 'New figure' }).first().click()
  await tab.getByLabel('Name').fill('generators')
  await tab.getByRole('button', { name: /^Sample grid/ }).click()
  await tab.getByRole('button', { name: 'Choose images' }).click()
  const dialog = tab.getByRole('dialog')
  await dialog.getByRole('combobox', { name: 'How images are chosen' }).selectOption('runs')
  for (const name of [
    /^tiger shark · RAR · seed 7 /,
    /^tiger shark · MaskGIT · seed 7 /,
    /^tiger shark · LlamaGen · seed 7 /,
  ])
    await dialog.getByRole('checkbox', { name }).first().check()
  await dialog.getByRole('button', { name: 'Show these 3' }).click()
  await tab.getByText('Selection: the first image of each class in each run, uncurated').waitFor()
  const [folder] = readdirSync(join(workbench.workspace, 'figures'))
  expect(folder).toBe('generators')
})

it('LlamaGen draws 384 px where that is chosen, or the page says why not', async () => {
  await go('Models')
  await card('llamagen').getByRole('button', { name: 'Sample' }).click()
  await tab
    .getByText('Pictures of 256 px, 16 × 16 codes: its file says that it was trained for these.')
    .waitFor()
  expect(await tab.getByRole('radio', { name: '384 px' }).count()).toBe(0)

  // The same network without the arguments of its training.
  const gpt = renamed(await tensorsOf(join(FIXTURES, 'llamagen/c2i_B_256.pt')), (name) =>
    name.startsWith('model.') ? name.slice('model.'.length) : undefined,
  )
  await go('Models')
  await tab
    .locator('input[type=file]')
    .nth(0)
    .setInputFiles({ name: 'c2i_B.pt', mimeType: '', buffer: Buffer.from(torchFile({ model: gpt })) })
  await card('llamagen').filter({ hasText: 'c2i_B.pt' }).getByRole('button', { name: 'Sample' }).click()
  await tab.getByRole('radio', { name: '384 px' }).check()
  await startRun(tab, { Images: 1, Seed: 7 })
  const api = await workbench.api()
  await expect.poll(async () => (await api.listImages(await runId())).length, { timeout: 30_000 }).toBe(1)
  const run = await runId()
  const { codes } = await api.readRecord(run, 0)
  expect(codes.tokens).toHaveLength(24 ** 2)
  expect(Buffer.from(await api.readImage(run, 0)).readUInt32BE(16)).toBe(384)
  await tab.goto(tab.url().replace(/#.*/, `#/sample/${run}/0?cell=570`))
  const sampler = tab.getByRole('region', { name: 'Sampler' })
  await sampler.getByText(`Sampled ${codes.tokens[570]}: rank`).waitFor()
  ofLargePictures = run
})

it('the atlas of a run of 384 px shows its cells where they are', async () => {
  const api = await workbench.api()
  const { tokens } = (await api.readRecord(ofLargePictures, 0)).codes
  const id = await api.startAtlas({ source: { kind: 'run', run: ofLargePictures }, tokens: 'codes' })
  const info = async () => (await api.listAtlases()).find((atlas) => atlas.id === id)?.info
  await expect.poll(info).toMatchObject({ images: 1, cells: 24 ** 2 })
  expect(Buffer.from(await api.readAtlasPicture(id, 0)).readUInt32BE(16)).toBe(384)
  // All cells of a code that is used a few times are examples of it.
  const cell = tokens.findIndex((token, at) => at > 400 && at % 24 > 4 && count(token) < 12)
  function count(token: number) {
    return tokens.filter((other) => other === token).length
  }
  const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(2)}%`
  const to = `#/clusters/${id}/${tokens[cell]}?from=run:${ofLargePictures}:0:${cell}:24`
  await tab.goto(tab.url().replace(/#.*/, to))
  await tab.getByText('cells at each of the 24 × 24 positions').waitFor()
  const row = Math.floor(cell / 24)
  const example = tab.getByRole('img', { name: `Image 0, cell ${cell}`, exact: true })
  // Three cells along a side; that of the region that led here is the other.
  await expect.poll(() => example.count()).toBe(2)
  for (const one of await example.all()) {
    await one.locator('i').waitFor()
    const style = await one.evaluate((crop) => {
      const { style } = crop as unknown as { style: Record<string, string> }
      return `${style.backgroundSize} ${style.backgroundPosition}`
    })
    const start = (at: number) => Math.min(at - 1, 21)
    expect(style.split(' ').map((share) => `${parseFloat(share).toFixed(2)}%`)).toEqual([
      percent(24, 3),
      percent(start(cell % 24), 21),
      percent(start(row), 21),
    ])
  }
  await tab.getByRole('radio', { name: 'Pictures' }).check()
  const outline = example.first().locator('i')
  await expect
    .poll(() =>
      outline.evaluate((mark) => {
        const { left, top } = (mark as unknown as { style: Record<string, string> }).style
        return [left, top].map((share) => `${parseFloat(share!).toFixed(2)}%`)
      }),
    )
    .toEqual([percent(cell % 24, 24), percent(row, 24)])
  // A picture that is handed in gets a grid of the same size.
  const found = await api.findClusters(id, 'own.png', await api.readImage(ofLargePictures, 0))
  expect(found.tokens).toHaveLength(24 ** 2)
})

it('a verdict of two models of a family names each, and its answer is shown', async () => {
  const folder = join(FIXTURES, 'taming/2021-04-03T19-39-50_cin_transformer/checkpoints')
  const other = Object.fromEntries(
    Object.entries(await tensorsOf(join(folder, 'last.ckpt'))).map(([name, made]) => [
      name,
      name.includes('transformer.head') ? changed(made, (value) => -value) : made,
    ]),
  )
  await go('Models')
  await tab
    .locator('input[type=file]')
    .nth(0)
    .setInputFiles({ name: 'other.ckpt', mimeType: '', buffer: Buffer.from(torchFile(other)) })
  await card('taming').filter({ hasText: 'other.ckpt' }).getByRole('button', { name: 'Sample' }).click()
  await tab.goto(tab.url().replace(/#.*/, '#/curves?view=verdict'))
  const form = tab.getByRole('form', { name: 'New verdict' })
  await form.getByLabel('Axis 1', { exact: true }).selectOption({ label: 'Generator' })
  for (const box of await form.getByRole('checkbox').all())
    await box.setChecked((await box.locator('..').textContent())!.includes('taming'))
  await form.getByRole('spinbutton', { name: 'Images of each' }).fill('24')
  await form.getByText('2 settings, compared at 24 images of each').waitFor()
  await form.getByRole('button', { name: 'Start' }).click()
  const title = String.raw`VQGAN \(taming\) \S+\.ckpt`
  await tab
    .getByRole('region', { name: 'Verdict' })
    .getByText(new RegExp(`^(${title} is better than|Cannot tell: FD .* of) ${title}[: ]`))
    .waitFor({ timeout: 300_000 })
  const [verdict] = await (await workbench.api()).listVerdicts()
  expect(verdict!.looks).toMatchObject([{ n: 24, settings: { length: 2 } }])
  expect(verdict!.settings.map(({ words }) => words)).toEqual([
    'VQGAN (taming) other/other.ckpt',
    'VQGAN (taming) 2021-04-03T19-39-50_cin_transformer/last.ckpt',
  ])
  const { settings } = verdict!.looks[0]!
  expect(settings[0]!.fd).not.toBe(settings[1]!.fd)
})

it('the page logged no errors', () => expect(workbench.errors).toEqual([]))
