// Figures of the workspace: requests and results. Each is a folder with a figure.json, its pictures and
// exports.
import * as z from 'zod'
import type { DisplayList } from './display.ts'
import { MAX_HANDED_BYTES } from '../contract/handed-pictures.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { FigureIdSchema } from '../run/exports.ts'

/** A figure.json with 100,000 points has about 4 MB. */
export const MAX_FIGURE_TEXT = 2 ** 25
/** Maximum number of preview items per `paintFigure` call. */
export const MAX_PAINTED = 64

export interface WorkspaceFigure {
  readonly id: string
  /** ISO time its figure.json was last written. */
  readonly changed: string
  /** Panel kinds in order; empty if the file cannot be read. */
  readonly panels: readonly string[]
  readonly images: number
  /** Images of runs that it shows, once each. */
  readonly shows: readonly { readonly run: string; readonly image: number }[]
  /** Why its figure.json is invalid. */
  readonly problem?: string
}

export interface FigureText {
  readonly text: string
  /** sha256 of the text: a save states which version it is based on. */
  readonly revision: string
}

/** The text that accompanies a figure in a paper. */
export interface FigureWords {
  readonly caption: string
  readonly methods: string
  readonly latex: string
  readonly bibtex: string
}

export interface LaidOut {
  /** For `paintFigure`; only the latest few are kept. */
  readonly preview: string
  readonly list: DisplayList
  readonly words: FigureWords
  /** Width and height of each image in pixels, by `refKey`. */
  readonly sizes: Readonly<Record<string, readonly [width: number, height: number]>>
  /** Images that differ from those the figure was made with. */
  readonly changed: readonly string[]
}

/** Why a figure cannot be laid out, and where: the panel index, or the `refKey` of an image. */
export interface FigureProblem {
  readonly problem: string
  readonly panel?: number
  readonly image?: string
}
export type FigurePreview = LaidOut | FigureProblem

export interface FigureApi {
  /** Figures of the workspace, last changed first. */
  listFigures(): Promise<readonly WorkspaceFigure[]>
  /** The text of its figure.json, valid or not. */
  readFigure(id: string): Promise<FigureText>
  /** Stores a new figure under this name or the next free one: `samples-2`. Returns its id. */
  createFigure(name: string, text: string): Promise<string>
  /** Replaces figure.json. Throws ConflictError if it has changed since `revision`. */
  saveFigure(id: string, text: string, revision: string): Promise<FigureText>
  /** A copy with its pictures, without its exports. Returns its id. */
  copyFigure(id: string): Promise<string>
  renameFigure(id: string, name: string): Promise<void>
  /** Moves it to the workspace's trash; `restoreFigure` restores it. */
  removeFigure(id: string): Promise<void>
  restoreFigure(id: string): Promise<void>
  /** Lays out a figure as the PDF and SVG writers do, saved or not. */
  previewFigure(id: string, text: string): Promise<FigurePreview>
  /** Items of a preview, images by index, as PNG at a given dpi. */
  paintFigure(preview: string, items: readonly number[], dpi: number): Promise<readonly Uint8Array[]>
  /** A small PNG of the saved figure. */
  readFigureThumbnail(id: string): Promise<Uint8Array>
  /** Stores a picture next to the figure and returns the name for figure.json. */
  addFigurePicture(id: string, name: string, picture: Uint8Array): Promise<string>
}

const text = z.string().max(MAX_FIGURE_TEXT)
const picture = z.instanceof(Uint8Array).refine(({ length }) => length <= MAX_HANDED_BYTES, 'too large')

export const FIGURE_CALLS: CallSchemas<FigureApi> = {
  listFigures: z.tuple([]),
  readFigure: z.tuple([FigureIdSchema]),
  createFigure: z.tuple([FigureIdSchema, text]),
  saveFigure: z.tuple([FigureIdSchema, text, z.string().regex(/^[0-9a-f]{64}$/, 'not a revision')]),
  copyFigure: z.tuple([FigureIdSchema]),
  renameFigure: z.tuple([FigureIdSchema, FigureIdSchema]),
  removeFigure: z.tuple([FigureIdSchema]),
  restoreFigure: z.tuple([FigureIdSchema]),
  previewFigure: z.tuple([FigureIdSchema, text]),
  paintFigure: z.tuple([
    z.string().max(40),
    z.array(z.number().int().min(0)).max(MAX_PAINTED),
    z.number().min(10).max(2400),
  ]),
  readFigureThumbnail: z.tuple([FigureIdSchema]),
  addFigurePicture: z.tuple([FigureIdSchema, z.string().min(1).max(255), picture]),
}
