// A figure -> a folder that opens in any browser without a network: the figure, and for each of its images what made it, what
// it was chosen from, and the command that makes it again.
//   index.html             the page
//   panels/000.png         images as the figure shows them
//   images/001-NAME.png    whole images with their records
//   thumbs/1-12.png        the other images of their runs, small
//   tokens/001.*           tokens that a command reads
//   files/NAME.pdf ...     the figure for a paper
//   published.json         marks the folder as one of ours
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { APP } from '../../../shared/app.ts'
import { readTextFile, makeFolder, writeFileAtomic } from '../../bytes/index.ts'
import { panelsOf, parseFigure, type Figure } from '../../../shared/figures/figure.ts'
import { bibliography } from '../../../shared/figures/paper/bibliography.ts'
import { captionText, methodsText } from '../../../shared/figures/paper/record-words.ts'
import { FIGURE_FORMATS } from '../../../shared/run/exports.ts'
import { layOut, makeFigure, outputName, type FigureCallbacks, type LaidOutFigure } from '../figure.ts'
import { gridColours, type ColourSource } from '../figure-colours.ts'
import { withData } from '../figure-data.ts'
import { fontFaces } from './page-fonts.ts'
import { linkedSvg } from './linked-svg.ts'
import { newFolder } from './new-folder.ts'
import { pageHtml } from './page-html.ts'
import { readImageFacts, type Labels } from './image-facts.ts'
import { writeSections } from './write-sections.ts'
import { sectionsOf } from './sections.ts'

export interface PublishOptions {
  /** The figure.json. */
  readonly path: string
  /** The folder to make. */
  readonly out: string
  /** Whether an earlier publication there may be replaced; anything else never is. */
  readonly force: boolean
  readonly workspace: string
  /** For token grids and names. @default none */
  readonly labels?: Labels
  /** Colors of tokens that the figure does not contain. */
  readonly colours?: ColourSource
}

export interface Published {
  readonly folder: string
  readonly images: number
  readonly files: number
  readonly bytes: number
  readonly notes: readonly string[]
}

export async function publishFigure(options: PublishOptions, callbacks: FigureCallbacks): Promise<Published> {
  const { path, out, force, workspace, labels = () => new Map<number, string>(), colours } = options
  const file = resolve(path)
  const name = outputName(file)
  const figure = await withData(parseFigure(await readTextFile(file), file), dirname(file))
  const folder = await newFolder(out, force)
  try {
    const laid = await layOut(figure, { folder: dirname(file), workspace }, colours)
    const work = { laid, figure, name, file, workspace, labels, colours }
    const notes = await writeAll(folder.path, work, callbacks)
    const { files, bytes } = await sizeOf(folder.path)
    callbacks.signal.throwIfAborted()
    const images = laid.images.images.size
    await folder.keep({ schema: 1, app: APP.version, figure: name, images, files, bytes })
    return { folder: resolve(out), images, files: files + 1, bytes, notes }
  } catch (error) {
    await folder.drop()
    throw error
  }
}

interface Work {
  readonly laid: LaidOutFigure
  readonly figure: Figure
  readonly name: string
  readonly file: string
  readonly workspace: string
  readonly labels: Labels
  readonly colours: ColourSource | undefined
}

/** Returns notes for the author. */
async function writeAll(
  folder: string,
  { laid, figure, name, file, workspace, labels, colours }: Work,
  callbacks: FigureCallbacks,
): Promise<readonly string[]> {
  const { images, list } = laid
  const { links, sections } = sectionsOf(figure, list)
  const facts = await readImageFacts(images.placed, workspace, labels)
  for (const part of ['panels', 'images', 'thumbs', 'tokens', 'files']) await makeFolder(join(folder, part))
  const made = await makeFigure({
    path: file,
    out: join(folder, 'files'),
    name,
    formats: FIGURE_FORMATS,
    force: true,
    workspace,
    ...(colours ? { colours } : {}),
    callbacks,
  })
  const svg = await linkedSvg(laid, links, folder, callbacks)
  const { html, tokens } = await writeSections(
    {
      folder,
      panels: panelsOf(figure),
      sections,
      images,
      facts,
      labels,
      colours: gridColours(figure.tokenColours, colours),
    },
    callbacks,
  )
  const kept = { ...figure, images: images.kept }
  const page = pageHtml({
    name,
    fonts: fontFaces(list, laid.fonts),
    svg,
    sections: html,
    tokens,
    images: images.images.size,
    caption: figure.caption ?? captionText(kept),
    methods: methodsText(kept),
    bibtex: bibliography(kept),
    files: (await readdir(join(folder, 'files')))
      .sort()
      .map((one) => ({ name: one, path: `files/${encodeURIComponent(one)}` })),
  })
  await writeFileAtomic(join(folder, 'index.html'), page)
  return made.notes
}

/** Files and bytes in a folder, without its lock. */
async function sizeOf(folder: string): Promise<{ files: number; bytes: number }> {
  let [files, bytes] = [0, 0]
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue
    files++
    bytes += (await stat(join(entry.parentPath, entry.name))).size
  }
  return { files, bytes }
}
