// The sections of a published figure: their images, thumbnails and tokens as files, and their text.
import { basename, extname, join, resolve } from 'node:path'
import { commandOf } from '../../../shared/run/command-line.ts'
import type { Panel } from '../../../shared/figures/panels.ts'
import type { Markup } from '../../../shared/text/markup.ts'
import { chainOf, type ImagePlace } from '../../../shared/run/lineage.ts'
import type { ModelChoice } from '../../../shared/models/models.ts'
import { decodeImage, encodePng } from '../../images/index.ts'
import { readStored, writeFileAtomic } from '../../bytes/index.ts'
import { demoFolder } from '../../model-set/resources.ts'
import type { ImageRecord } from '../../records/image-record.ts'
import { writeCodecs } from '../../tokens/codecs.ts'
import type { FigureCallbacks } from '../figure.ts'
import type { GridColours } from '../figure-colours.ts'
import type { FigureImages } from '../figure-images.ts'
import { jobOfRecord } from '../reproduce-record.ts'
import type { ImageFacts, Labels, PublishedRun } from './image-facts.ts'
import { modelRows, recipeRows } from './recipe-rows.ts'
import { panelSection } from './panel-html.ts'
import { groupSection, imageSection, type ImageWords, type Thumbnail } from './section-html.ts'
import { placeKey, thumbnailWriter, type Thumbnails } from './thumbnails.ts'
import type { Section } from './sections.ts'
import { tokenData } from './token-data.ts'

export interface SectionWork {
  readonly folder: string
  readonly panels: readonly Panel[]
  readonly sections: readonly Section[]
  readonly images: FigureImages
  readonly facts: ImageFacts
  readonly labels: Labels
  readonly colours: GridColours
}

/** Siblings on one page, all sections together, so that it opens quickly; and of one image. */
const MAX_SIBLINGS = 20_000
const MAX_OF_ONE = 60
/** The models of another folder, whose place differs from machine to machine. */
const MODELS = 'MODELS'

export async function writeSections(work: SectionWork, callbacks: FigureCallbacks) {
  const { sections, panels, facts } = work
  const thumbnails = thumbnailWriter(work)
  const ofImages = sections.filter(({ kind }) => kind === 'image')
  const sectionOf = new Map(ofImages.map(({ images, id }) => [images[0]!, id]))
  const chosen = new Map<string, string>()
  for (const [key, id] of sectionOf) {
    const place = facts.placeOf(key)
    if (place) chosen.set(placeKey(place), id)
  }
  const most = Math.min(MAX_OF_ONE, Math.floor(MAX_SIBLINGS / Math.max(1, ofImages.length)))
  const html: Markup[] = []
  const tokens: Record<string, unknown> = {}
  for (const [index, section] of sections.entries()) {
    callbacks.signal.throwIfAborted()
    callbacks.progress(index, sections.length, 'writing images')
    if (section.kind === 'panel') html.push(panelSection(section, panels[section.panel]!))
    else if (section.kind === 'group') {
      const shown: Thumbnail[] = []
      for (const [i, key] of section.images.entries())
        shown.push(await ofGroup(key, i, work, thumbnails, sectionOf.get(key)))
      html.push(groupSection(section, shown))
    } else {
      const words = await imageWords(section, index, { ...work, thumbnails, chosen, most })
      const { record } = work.images.placed.get(section.images[0]!)!
      if (record) tokens[section.id] = await tokensOf(record, work)
      html.push(imageSection(words, index))
    }
  }
  callbacks.progress(sections.length, sections.length, 'writing images')
  return { html, tokens }
}

async function tokensOf(record: ImageRecord, { labels, colours }: SectionWork) {
  const models = modelsOf(record)
  return tokenData(record, labels(models), {
    discriminative: await colours('discriminative', models),
    codes: await colours('codes', [record.recipe.vqgan]),
  })
}

const modelsOf = ({ recipe }: ImageRecord): readonly string[] =>
  [recipe.stage1?.sha256, recipe.encoder, recipe.codebook].filter((hash) => hash !== undefined)

interface ImageWork extends SectionWork {
  readonly thumbnails: Thumbnails
  /** Sections by the place of their image. */
  readonly chosen: ReadonlyMap<string, string>
  readonly most: number
}

async function imageWords(section: Section, index: number, work: ImageWork): Promise<ImageWords> {
  const { folder, images, facts, thumbnails, chosen, most } = work
  const [key] = section.images as [string]
  const { path, record, input } = images.placed.get(key)!
  const { width, height } = images.images.get(key)!
  const place = facts.placeOf(key)
  const run = place && facts.runs.get(place.run)
  const number = String(index + 1).padStart(3, '0')
  const name = `${run ? `${basename(run.folder)}-` : ''}${basename(path, extname(path))}`
  const file = await copyImage(folder, `${number}-${name}`, path, record)
  const className = (label: number) => run?.made?.classNames?.[label] ?? `class ${label}`
  const label = record?.class === undefined ? '' : `, ${className(record.class)}`
  const chain = place ? chainOf(facts.lineage, place) : []
  const linked = []
  for (const node of chain) {
    const of = node.image === undefined ? undefined : { run: node.opens!, image: node.image }
    const thumbnail = of && (await thumbnails.of(of))
    const to = of && chosen.get(placeKey(of))
    linked.push({
      ...node,
      ...(thumbnail ? { thumbnail } : {}),
      ...(to && to !== section.id ? { section: to } : {}),
    })
  }
  return {
    section,
    title: `${record ? `Image ${record.image}${label}` : basename(path)}${place ? ` of run ${place.run}` : ''}`,
    file,
    width,
    height,
    chain: linked,
    measurements: facts.lineage.measurements.filter((one) => one.run === place?.run).map(({ name }) => name),
    ...(input ? { input: await copyInput(folder, number, key, images) } : {}),
    ...(record
      ? {
          made: {
            recipe: recipeRows(record, className),
            models: modelRows(record, run?.made),
            ...(await commands(folder, number, file, record, run)),
          },
        }
      : {}),
    ...(place && run ? { siblings: await siblings(place, run, { thumbnails, chosen, most }) } : {}),
  }
}

/** The commands that make the image again, and the files that they read. */
async function commands(
  folder: string,
  number: string,
  file: string,
  record: ImageRecord,
  run: PublishedRun | undefined,
): Promise<{ command: string; compare: string; usesFolder: boolean }> {
  const asked = run?.spec
  const isDemo = asked !== undefined && isDemoFolder(asked.model)
  const model = isDemo ? undefined : MODELS
  const { spec, grid } = jobOfRecord(record, file, MODELS, undefined)
  const choose = asked?.choose && isDemo ? {} : chosenFiles(asked?.choose)
  const codecs = `tokens/${number}.codecs`
  const pinned = `tokens/${number}.json`
  if (grid) await writeCodecs(join(folder, codecs), [Int32Array.from(grid)])
  const pins = spec.kind === 'sample' ? spec.pinned : undefined
  if (pins) await writeFileAtomic(join(folder, pinned), `${JSON.stringify(pins)}\n`)
  // One image needs no more than its own entry of a list that images cycle through.
  const { noise } = record.recipe
  const own = spec.kind === 'sample' && noise ? { noise: [noise[record.image % noise.length]!] } : {}
  const command = commandOf(
    { ...spec, ...own, ...choose },
    { model, codecs, pinned: pins && pinned, out: `again-${number}` },
  )
  const compare = `digit reproduce ${file}${isDemo ? '' : ` --model ${MODELS}`}`
  return { command, compare, usesFolder: grid !== undefined || pins !== undefined }
}

/** The demo of this or of another installation. */
const isDemoFolder = (path: string): boolean =>
  resolve(path) === resolve(demoFolder()) || /[\\/]resources[\\/]demo[\\/]?$/.test(path)

/** Files that were chosen for a role, in the folder of the models instead of where they were. */
function chosenFiles(choose: ModelChoice | undefined): { choose?: ModelChoice } {
  if (!choose) return {}
  const files = Object.entries(choose).map(([role, path]) => [
    role,
    `${MODELS}/${path.split(/[\\/]/).at(-1)!}`,
  ])
  return { choose: Object.fromEntries(files) as ModelChoice }
}

async function siblings(
  { run: id, image }: ImagePlace,
  run: PublishedRun,
  { thumbnails, chosen, most }: Pick<ImageWork, 'thumbnails' | 'chosen' | 'most'>,
): Promise<NonNullable<ImageWords['siblings']>> {
  const all = run.images
  const from = Math.max(0, Math.min(all.indexOf(image) - Math.floor(most / 2), all.length - most))
  const shown: Thumbnail[] = []
  for (const one of all.slice(from, from + most)) {
    const place = { run: id, image: one }
    const file = await thumbnails.of(place)
    const section = chosen.get(placeKey(place))
    if (file) shown.push({ image: one, file, ...(section ? { section } : {}) })
  }
  const used = all.filter((one) => chosen.has(placeKey({ run: id, image: one }))).length
  return { run: id, of: all.length, chosen: used, thumbnails: shown }
}

async function ofGroup(
  key: string,
  index: number,
  { facts, images }: SectionWork,
  thumbnails: Thumbnails,
  section: string | undefined,
): Promise<Thumbnail> {
  const place = facts.placeOf(key)
  const file =
    (place && (await thumbnails.of(place))) ?? (await thumbnails.ofFile(key, images.placed.get(key)!.path))
  return { image: place?.image ?? index, file, ...(section ? { section } : {}) }
}

/** As it is if it has a record; as PNG if browsers may not show its format. */
async function copyImage(
  folder: string,
  name: string,
  path: string,
  record: ImageRecord | undefined,
): Promise<string> {
  const file = `images/${name.replaceAll(/[^\w-]+/g, '-').slice(0, 100)}.png`
  const bytes = await readStored(path)
  await writeFileAtomic(join(folder, file), record ? bytes : await encodePng(await decodeImage(bytes, path)))
  return file
}

async function copyInput(folder: string, number: string, key: string, images: FigureImages): Promise<string> {
  const file = `images/${number}-source.png`
  await writeFileAtomic(join(folder, file), await encodePng(await images.files.input(key)))
  return file
}
