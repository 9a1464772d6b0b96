// figure.json -> PDF, SVG and PNG, and files for the paper. The same input gives the same bytes.
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ConflictError, FormatError, RequestError } from '../../shared/errors.ts'
import type { Content } from '../../shared/figures/content.ts'
import type { DisplayList, ImageItem } from '../../shared/figures/display.ts'
import { figureImages, panelsOf, parseFigure, type Figure } from '../../shared/figures/figure.ts'
import { refKey } from '../../shared/figures/image-ref.ts'
import { layoutFigure } from '../../shared/figures/layout.ts'
import { paperFiles } from '../../shared/figures/paper/paper.ts'
import { deviations } from '../../shared/figures/pictures.ts'
import { svgText } from '../../shared/figures/svg.ts'
import type { FigureFormat } from '../../shared/run/exports.ts'
import { fileProblem, makeFolder, readTextFile, sweepTemporaries, writeFileAtomic } from '../bytes/index.ts'
import { imageMoments, openFonts, pdfBytes, pngBytes, paintAt, type FontSet } from '../figures/index.ts'
import { encodePng } from '../images/index.ts'
import { figureColours, recordedColour, type ColourSource } from './figure-colours.ts'
import { withData } from './figure-data.ts'
import { readFigureImages, type FigureImages, type Places } from './figure-images.ts'

export interface FigureOptions {
  /** The figure.json. */
  readonly path: string
  /** Folder of the outputs. @default folder of the figure */
  readonly out?: string
  /** File name of the outputs without ending. @default name of the figure, or of its folder for figure.json */
  readonly name?: string
  readonly formats: readonly FigureFormat[]
  /** Whether existing files may be overwritten. */
  readonly force: boolean
  readonly workspace: string
  /** Colors of tokens for figures that do not contain them. */
  readonly colours?: ColourSource
  readonly callbacks?: FigureCallbacks
}

export interface FigureCallbacks {
  /** Images drawn, and the total in all outputs. */
  progress(step: number, of: number, note: string): void
  readonly signal: AbortSignal
}

export interface MadeFigure {
  readonly files: readonly string[]
  /** What an author may want to know: labels cut, images that changed since. */
  readonly notes: readonly string[]
}

export interface LaidOutFigure {
  readonly figure: Figure
  readonly list: DisplayList
  readonly fonts: FontSet
  readonly images: FigureImages
}

/** Everything that the writers need; the data of the figure must be expanded already. */
export async function layOut(figure: Figure, places: Places, source?: ColourSource): Promise<LaidOutFigure> {
  const images = await readFigureImages(figureImages(figure), places)
  const fonts = openFonts(figure.font.family)
  const colours = await figureColours(figure, images, source)
  const content: Content = {
    images: images.images,
    deviations: await largestDeviations(figure, images),
    ...(colours ? { colourOf: recordedColour(colours) } : {}),
  }
  const laid = colours ? { ...figure, colours } : figure
  return { figure: laid, images, fonts, list: layoutFigure(laid, content, fonts.metrics) }
}

/**
 * Writes the outputs, each completely or not at all, and the figure itself with the identity of its images.
 * @throws ConflictError before anything is written if a file exists and may not be overwritten
 */
export async function makeFigure(options: FigureOptions): Promise<MadeFigure> {
  const path = resolve(options.path)
  const figure = await withData(parseFigure(await readText(path), path), dirname(path))
  const out = resolve(options.out ?? dirname(path))
  const name = options.name ?? outputName(path)
  const places = { folder: dirname(path), workspace: options.workspace }
  const laid = await layOut(figure, places, options.colours)
  const writers = outputs(watched(laid, options), name, options.formats)
  const files = new Map([...writers].map(([ending, data]) => [join(out, `${name}${ending}`), data]))
  // The given figure.json is not changed.
  files.delete(path)
  if (!options.force) await refuseExisting([...files.keys()])
  await makeFolder(out)
  await sweepTemporaries(out)
  for (const [file, data] of files) {
    options.callbacks?.signal.throwIfAborted()
    await writeFileAtomic(file, data())
  }
  return { files: [...files.keys()], notes: [...changedImages(figure, laid.images), ...laid.list.notes] }
}

/** A figure.json is named after its folder, because all figures of a workspace have this file name. */
export function outputName(path: string): string {
  const file = basename(path)
  return file === 'figure.json' ? basename(dirname(path)) : file.replace(/(\.figure)?\.json$/, '')
}

/** The same figure, which reports each image when it is read, and can be cancelled then. */
function watched(laid: LaidOutFigure, { formats, callbacks }: FigureOptions): LaidOutFigure {
  if (!callbacks) return laid
  const drawn = laid.list.items.filter(({ kind }) => kind === 'image').length
  const of = Math.max(1, drawn * formats.filter((format) => format !== 'paper').length)
  const { files } = laid.images
  let step = 0
  const read = () => {
    callbacks.signal.throwIfAborted()
    callbacks.progress(Math.min(++step, of), of, 'drawing images')
  }
  const image = (key: string) => (read(), files.image(key))
  const input = (key: string) => (read(), files.input(key))
  return { ...laid, images: { ...laid.images, files: { ...files, image, input } } }
}

type Writer = () => string | AsyncIterable<Uint8Array>

/** Ending of each file -> its content. */
function outputs(laid: LaidOutFigure, name: string, formats: readonly FigureFormat[]): Map<string, Writer> {
  const { figure, list, fonts, images } = laid
  const kept = { ...figure, images: images.kept }
  const writers = new Map<string, Writer>()
  if (formats.includes('pdf')) writers.set('.pdf', () => pdfBytes(list, figure, fonts, images.files))
  if (formats.includes('svg')) writers.set('.svg', () => svgBytes(laid))
  if (formats.includes('png')) writers.set('.png', () => pngBytes(list, figure, fonts, images.files))
  if (formats.includes('paper'))
    for (const [ending, text] of paperFiles(kept, name)) writers.set(ending, () => text)
  writers.set('.figure.json', () => `${JSON.stringify(kept, null, 2)}\n`)
  return writers
}

async function* svgBytes({ figure, list, images }: LaidOutFigure): AsyncGenerator<Uint8Array> {
  const href = async (item: ImageItem): Promise<string> => {
    const png = await encodePng(await paintAt(item, figure.dpi, figure.enlarge, images.files))
    return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
  }
  for await (const text of svgText(list, figure.font.family, href)) yield Buffer.from(text)
}

/** One scale for the groups of a panel: their largest deviation, rounded up. */
async function largestDeviations(figure: Figure, { files }: FigureImages): Promise<Map<number, number>> {
  const largest = new Map<number, number>()
  for (const [index, panel] of panelsOf(figure).entries()) {
    if (panel.kind !== 'variance') continue
    let most = 0
    for (const { images } of panel.groups)
      for (const value of deviations(await imageMoments(images.map(refKey), files)))
        most = Math.max(most, value)
    largest.set(index, roundedUp(most))
  }
  return largest
}

/** Rounds up to a multiple of 10, or of 2 for small values. */
const roundedUp = (most: number): number => {
  const step = most > 20 ? 10 : 2
  return Math.max(step, Math.ceil(most / step) * step)
}

/** Compares the recorded images of an exported figure with the current ones. */
export function changedImages({ images = {} }: Figure, now: FigureImages): string[] {
  return Object.entries(images).flatMap(([key, { pixels }]) =>
    now.kept[key] && now.kept[key].pixels !== pixels
      ? [`${key}: not the image this figure was made with`]
      : [],
  )
}

async function readText(path: string): Promise<string> {
  return readTextFile(path).catch((error: Error) => {
    if (error instanceof FormatError) throw error
    throw new RequestError(`${path}: cannot be read (${fileProblem(error)})`)
  })
}

async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths)
    if (await stat(path).catch(() => undefined)) throw new ConflictError(`${path}: already exists`)
}
