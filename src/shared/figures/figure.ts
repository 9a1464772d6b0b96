// figure.json: everything needed to render a figure, as written by a person or a page.
import * as z from 'zod'
import { FormatError } from '../errors.ts'
import { refKey, type ImageRef } from './image-ref.ts'
import { FONT_FAMILIES, PageSchema } from './page.ts'
import { GRID_NAMES, type GridName } from '../grid/layout.ts'
import { PanelSchema, type Panel } from './panels.ts'
import { TOKEN_PALETTES } from '../colour/token-palette.ts'
import { parseJson } from '../plain-json.ts'

export const FIGURE_SCHEMA = 1

/** Identity of an image when the figure was made, so that a later rendering can detect changes. */
const KeptImageSchema = z.strictObject({
  /** sha256 of width, height and the RGB pixels, as `pixelHash` computes it. */
  pixels: z.string().regex(/^[0-9a-f]{64}$/, 'not a sha256'),
  /** The recipe from the image's own record, if it has one. */
  recipe: z.unknown().optional(),
})

const coloursOfTokens = z
  .record(z.string().regex(/^\d{1,5}$/, 'not a token'), z.string().regex(/^#[0-9a-f]{6}$/, 'not a color'))
  .optional()

export const FigureSchema = z.strictObject({
  schema: z.literal(FIGURE_SCHEMA),
  page: PageSchema.default({ preset: 'neurips' }),
  font: z
    .strictObject({
      family: z.enum(FONT_FAMILIES).default('Tinos'),
      /** Points. */
      size: z.number().min(4).max(40).default(8),
    })
    .default({ family: 'Tinos', size: 8 }),
  /** Dots per inch of images, whatever their resolution, and of everything in the PNG. */
  dpi: z.number().int().min(36).max(2400).default(300),
  /** How images coarser than that are drawn: interpolated, or each pixel as a square. */
  enlarge: z.enum(['smooth', 'pixels']).default('smooth'),
  /** Colours of tokens. Without one, the light hues of figures made before there was a choice. */
  tokenColours: z.enum(TOKEN_PALETTES).optional(),
  /** Points between images. */
  gutter: z.number().min(0).max(100).default(2),
  /** (a), (b), ... before the titles of panels. @default true if there are several */
  letters: z.boolean().optional(),
  /** Rows of panels. */
  rows: z.array(z.array(PanelSchema).min(1).max(12)).min(1).max(24),
  /** Used in the LaTeX snippet instead of the generated caption. */
  caption: z.string().max(4000).optional(),
  /** LaTeX label. @default 'fig:' and the file's name */
  label: z
    .string()
    .regex(/^[A-Za-z0-9:._-]{1,100}$/, 'not a valid LaTeX label (allowed: letters, digits and : . _ -)')
    .optional(),
  /** A person's own words on how the images were selected, in place of what the panels state. */
  selection: z.string().max(400).optional(),
  /** By `refKey`: written by the program to detect changed images. */
  images: z.record(z.string(), KeptImageSchema).optional(),
  /** The colour of each token that panels show, written by the program: it is then drawn alike without the models. */
  colours: z
    .strictObject({
      palette: z.enum(TOKEN_PALETTES),
      discriminative: coloursOfTokens,
      codes: coloursOfTokens,
    })
    .optional(),
})
export type Figure = z.infer<typeof FigureSchema>
/** As a person writes it: fields with defaults may be absent. */
export type FigureInput = z.input<typeof FigureSchema>
export type FigureColours = NonNullable<Figure['colours']>
export type KeptImage = z.infer<typeof KeptImageSchema>

/**
 * Parses and validates a figure.json.
 * @throws FormatError naming the file and each wrong field
 */
export function parseFigure(text: string, name: string): Figure {
  let json: unknown
  try {
    json = parseJson(text)
  } catch (error) {
    throw new FormatError(name, `not valid JSON (${(error as Error).message})`)
  }
  return checkFigure(json, name)
}

export function checkFigure(json: unknown, name: string): Figure {
  const version = z.object({ schema: z.number() }).safeParse(json).data?.schema
  if (version === undefined)
    throw new FormatError(name, 'not a figure file: "schema" is missing or not a number')
  if (version > FIGURE_SCHEMA)
    throw new FormatError(
      name,
      `made by a newer version of this program (found schema ${version}, expected at most ${FIGURE_SCHEMA})`,
    )
  const { success, data, error } = FigureSchema.safeParse(json)
  if (success) return data
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'figure'}: ${message}`)
  throw new FormatError(name, problems.slice(0, 8).join('; '))
}

export const panelsOf = (figure: Figure): readonly Panel[] => figure.rows.flat()

/** Every image that a panel shows, in order, with repetitions. */
export function panelImages(panel: Panel): readonly ImageRef[] {
  switch (panel.kind) {
    case 'grid':
    case 'reconstruction':
    case 'steps':
    case 'cluster':
      return panel.images
    case 'variance':
      return panel.groups.flatMap(({ images }) => images)
    case 'intervention':
      return panel.pairs.flatMap(({ before, after }) => [before, after])
    case 'chart':
    case 'map':
    case 'table':
      return []
  }
}

/** Grids whose tokens a panel shows as colours. */
export function colouredGrids(panel: Panel): readonly GridName[] {
  if (panel.kind === 'grid') return panel.overlay?.tokens.length === 0 ? [panel.overlay.grid] : []
  return panel.kind === 'reconstruction' ? GRID_NAMES.filter((name) => panel.parts.includes(name)) : []
}

/** Every image of a figure once, by key. */
export const figureImages = (figure: Figure): ReadonlyMap<string, ImageRef> =>
  new Map(
    panelsOf(figure)
      .flatMap(panelImages)
      .map((ref) => [refKey(ref), ref]),
  )
