// A figure being edited -> its layout, and its images at screen size, drawn like the exports.
import { randomBytes } from 'node:crypto'
import { RequestError } from '../../shared/errors.ts'
import { parseFigure, type Figure } from '../../shared/figures/figure.ts'
import { bibliography } from '../../shared/figures/paper/bibliography.ts'
import { figureLatex } from '../../shared/figures/paper/latex.ts'
import { PanelError } from '../../shared/figures/layout.ts'
import { captionText, methodsText } from '../../shared/figures/paper/record-words.ts'
import type { FigurePreview, LaidOut } from '../../shared/figures/figures.ts'
import { paintAt, pngBytes } from '../figures/index.ts'
import { encodePng } from '../images/index.ts'
import type { ColourSource } from './figure-colours.ts'
import { changedImages, layOut, type LaidOutFigure } from './figure.ts'
import { withData } from './figure-data.ts'
import { MissingImageError, type Places } from './figure-images.ts'

/** Previews whose images may still be requested: a few pages, a few edits each. */
const KEPT = 12

export interface Previews {
  /** Lays out the text; problems are part of the result. */
  layOut(text: string, name: string, places: Places): Promise<FigurePreview>
  paint(preview: string, items: readonly number[], dpi: number): Promise<readonly Uint8Array[]>
}

export function openPreviews(colours?: ColourSource): Previews {
  const kept = new Map<string, LaidOutFigure>()
  return {
    async layOut(text, name, places) {
      try {
        const laid = await laidOutText(text, name, places, colours)
        const preview = randomBytes(8).toString('hex')
        kept.set(preview, laid)
        for (const old of kept.keys()) {
          if (kept.size <= KEPT) break
          kept.delete(old)
        }
        return { preview, ...toldOf(laid, name) }
      } catch (error) {
        if (!(error instanceof Error) || !/^(RequestError|FormatError)$/.test(error.name)) throw error
        return {
          problem: error.message,
          ...(error instanceof PanelError ? { panel: error.panel } : {}),
          ...(error instanceof MissingImageError ? { image: error.key } : {}),
        }
      }
    },
    async paint(preview, items, dpi) {
      const laid = kept.get(preview)
      if (!laid) throw new RequestError('this preview has expired')
      const { figure, list, images } = laid
      const drawn: Uint8Array[] = []
      for (const index of items) {
        const item = list.items[index]
        if (item?.kind !== 'image') throw new RequestError(`preview item ${index}: not an image`)
        drawn.push(await encodePng(await paintAt(item, dpi, figure.enlarge, images.files)))
      }
      return drawn
    },
  }
}

async function laidOutText(
  text: string,
  name: string,
  places: Places,
  colours: ColourSource | undefined,
): Promise<LaidOutFigure> {
  const figure = parseFigure(text, `${name}/figure.json`)
  return layOut(await withData(figure, places.folder), places, colours)
}

function toldOf({ figure, list, images }: LaidOutFigure, name: string): Omit<LaidOut, 'preview'> {
  const kept: Figure = { ...figure, images: images.kept }
  return {
    list,
    words: {
      caption: captionText(kept),
      methods: methodsText(kept),
      latex: figureLatex(kept, name),
      bibtex: bibliography(kept),
    },
    sizes: Object.fromEntries(
      [...images.images].map(([key, { width, height }]) => [key, [width, height] as const]),
    ),
    changed: changedImages(figure, images),
  }
}

/** The whole page as a PNG of about this width in pixels. */
export async function figureThumbnail(
  text: string,
  name: string,
  places: Places,
  width: number,
  colours?: ColourSource,
): Promise<Uint8Array> {
  const { figure, list, fonts, images } = await laidOutText(text, name, places, colours)
  const dpi = (width * 72) / list.width
  const pieces: Uint8Array[] = []
  for await (const piece of pngBytes(list, { ...figure, dpi }, fonts, images.files)) pieces.push(piece)
  return Uint8Array.from(Buffer.concat(pieces))
}
