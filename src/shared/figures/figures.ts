// Figures of the workspace: what a page may ask of them. Each is a folder with a figure.json, its pictures and exports.
import { z } from 'zod'
import type { DisplayList } from './display.ts'
import { MAX_HANDED_BYTES } from '../contract/handed-pictures.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { FigureIdSchema } from '../run/exports.ts'

/** A figure.json of 100,000 points has some 4 MB. */
export const MAX_FIGURE_TEXT = 2 ** 25
/** Of the preview that `paintFigure` draws at once. */
export const MAX_PAINTED = 64

export interface WorkspaceFigure {
  readonly id: string
  /** ISO time its figure.json was last written. */
  readonly changed: string
  /** Panels by kind, in their order; empty where the file cannot be read. */
  readonly panels: readonly string[]
  readonly images: number
  /** Why its figure.json cannot be understood. */
  readonly problem?: string
}

export interface FigureText {
  readonly text: string
  /** sha256 of the text: who saves says which one the change was made to. */
  readonly revision: string
}

/** The words that go into the paper with a figure. */
export interface FigureWords {
  readonly caption: string
  readonly methods: string
  readonly latex: string
  readonly bibtex: string
}

export interface LaidOut {
  /** For `paintFigure`; the newest few are kept. */
  readonly preview: string
  readonly list: DisplayList
  readonly words: FigureWords
  /** Width and height of each image in pixels, by `refKey`. */
  readonly sizes: Readonly<Record<string, readonly [width: number, height: number]>>
  /** Images that are not the ones the figure was made with. */
  readonly changed: readonly string[]
}

/** Why a figure cannot be laid out, and where: the panel's place in the figure, or the `refKey` of an image. */
export interface FigureProblem {
  readonly problem: string
  readonly panel?: number
  readonly image?: string
}
export type FigurePreview = LaidOut | FigureProblem

export interface FigureApi {
  /** Those in the workspace, the last changed first. */
  listFigures(): Promise<readonly WorkspaceFigure[]>
  /** The text of its figure.json, whatever it says. */
  readFigure(id: string): Promise<FigureText>
  /** Keeps a new figure under this name, or the next that is free: `samples-2`. Answers with its id. */
  createFigure(name: string, text: string): Promise<string>
  /** Replaces figure.json. Refused with a ConflictError where another change was made to it since `revision`. */
  saveFigure(id: string, text: string, revision: string): Promise<FigureText>
  /** A copy with its pictures, without its exports. Answers with its id. */
  copyFigure(id: string): Promise<string>
  renameFigure(id: string, name: string): Promise<void>
  /** Moves it to the workspace's trash, from where `restoreFigure` brings it back. */
  removeFigure(id: string): Promise<void>
  restoreFigure(id: string): Promise<void>
  /** Lays a figure out as the writers of PDF and SVG do, whether it is saved or not. */
  previewFigure(id: string, text: string): Promise<FigurePreview>
  /** Items of a preview's list, images by their places in it, as PNG at so many dots an inch. */
  paintFigure(preview: string, items: readonly number[], dpi: number): Promise<readonly Uint8Array[]>
  /** A small PNG of the figure as it is saved. */
  readFigureThumbnail(id: string): Promise<Uint8Array>
  /** Puts a picture beside the figure and answers how figure.json names it. */
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
