// Panels of a figure: their kinds and fields.
import { GRID_NAMES, MAX_TOKEN } from '../grid/layout.ts'
import * as z from 'zod'
import { PROTOCOL_NAMES } from '../evaluation/evaluation.ts'
import { SeriesMeasuredSchema } from '../evaluation/how-measured.ts'
import { ImageRefSchema, RegionSchema } from './image-ref.ts'

const text = z.string().max(400)
const labels = z.array(text)
const images = z.array(ImageRefSchema).min(1).max(20_000)
const columns = z.number().int().min(1).max(1000)
const token = z.number().int().min(0).max(MAX_TOKEN)

const common = {
  /** Shown above the panel, after its letter. */
  title: text.optional(),
  /** Width relative to the other panels of the row. @default 1 */
  share: z.number().min(0.01).max(100).optional(),
}

/**
 * How the images of a panel were selected. What was removed, added or moved since is computed from the two lists of
 * images (`paper/selection-words.ts`), so that no edit keeps a claim that it breaks.
 */
export const SelectionSchema = z.strictObject({
  /** `the first 16 images of the run`. */
  rule: text,
  /** The rule alone chose them, nobody looked. */
  uncurated: z.boolean(),
  /** What the rule gave, in order. */
  images: z.array(ImageRefSchema).max(20_000),
})
export type Selection = z.infer<typeof SelectionSchema>
const pictured = { ...common, selection: SelectionSchema.optional() }

/**
 * Either highlights cells with one of these tokens and dims the rest, or shows all tokens as colours over the
 * image.
 */
export const OverlaySchema = z.strictObject({
  grid: z.enum(GRID_NAMES),
  /** Tokens to outline; empty: all tokens as colours. */
  tokens: z.array(token).max(8),
  /** Of the colours or the dimming. */
  opacity: z.number().min(0).max(1).default(0.5),
})
export type Overlay = z.infer<typeof OverlaySchema>

/** A region of a cell's image, enlarged in a corner of it. */
export const InsetSchema = z.strictObject({
  cell: z.number().int().min(0),
  region: RegionSchema,
  corner: z.enum(['top-left', 'top-right', 'bottom-left', 'bottom-right']).default('bottom-right'),
  /** Width of the enlargement relative to the image's. */
  size: z.number().min(0.1).max(0.9).default(0.45),
})

/** Samples in rows and columns, in reading order. */
export const GridPanelSchema = z.strictObject({
  kind: z.literal('grid'),
  ...pictured,
  images,
  columns,
  rowLabels: labels.optional(),
  columnLabels: labels.optional(),
  /** Below each image. */
  cellLabels: labels.optional(),
  crop: RegionSchema.optional(),
  overlay: OverlaySchema.optional(),
  insets: z.array(InsetSchema).max(100).optional(),
})

export const STRIP_PARTS = ['input', 'discriminative', 'codes', 'output'] as const
/** One row per image: the input picture, both token grids, the result. */
export const StripPanelSchema = z.strictObject({
  kind: z.literal('reconstruction'),
  ...pictured,
  images,
  parts: z
    .array(z.enum(STRIP_PARTS))
    .min(1)
    .default([...STRIP_PARTS]),
  rowLabels: labels.optional(),
})

/** Generation over time: what was decided after fractions of the stage 2 steps. */
export const StepsPanelSchema = z.strictObject({
  kind: z.literal('steps'),
  ...pictured,
  images,
  grid: z.enum(GRID_NAMES).default('codes'),
  /** Fractions of the steps, one per column. */
  at: z.array(z.number().min(0).max(1)).min(1).max(50).default([0.125, 0.25, 0.5, 0.75, 1]),
  rowLabels: labels.optional(),
})

/** Images of equal size, pixel by pixel: their mean and standard deviation, with one scale for all groups. */
export const VariancePanelSchema = z.strictObject({
  kind: z.literal('variance'),
  ...pictured,
  groups: z
    .array(z.strictObject({ label: text, images: z.array(ImageRefSchema).min(2).max(1000) }))
    .min(1)
    .max(20),
  /** Number of images of each group shown next to its maps. */
  samples: z.number().int().min(0).max(8).default(2),
})

/** One cluster (or code): its cells in images, the rest dimmed. */
export const ClusterPanelSchema = z.strictObject({
  kind: z.literal('cluster'),
  ...pictured,
  grid: z.enum(GRID_NAMES).default('discriminative'),
  token,
  images,
  columns,
  cellLabels: labels.optional(),
})

/** Effect of a token edit: before, after, and the difference, with changed cells outlined. */
export const InterventionPanelSchema = z.strictObject({
  kind: z.literal('intervention'),
  ...pictured,
  pairs: z
    .array(z.strictObject({ before: ImageRefSchema, after: ImageRefSchema, label: text.optional() }))
    .min(1)
    .max(100),
  grid: z.enum(GRID_NAMES).default('discriminative'),
})

const axis = z.strictObject({
  label: text,
  scale: z.enum(['linear', 'log']).default('linear'),
  from: z.number().optional(),
  to: z.number().optional(),
})
export type Axis = z.infer<typeof axis>

/**
 * Points from measurements of `digit evaluate`: the last line of each file that has the protocol and the
 * results.
 */
const measured = z.strictObject({
  protocol: z.enum(PROTOCOL_NAMES),
  /** One `metrics.jsonl` each, relative to the figure's file, and its x value. */
  files: z
    .array(z.strictObject({ file: z.string().min(1), x: z.number().optional() }))
    .min(1)
    .max(1000),
  /** The result on the x axis if files have no `x`: a trade-off. */
  x: text.optional(),
  /** `frechet_inception_distance`, for example. */
  y: text,
})
export type Measured = z.infer<typeof measured>

const series = z.strictObject({
  label: text,
  points: z
    .array(z.tuple([z.number(), z.number()]))
    .max(20_000)
    .default([]),
  /** Standard error of each point's value, drawn as a bar; 0 if unknown. One per point. */
  errors: z.array(z.number().min(0)).max(20_000).optional(),
  /** What the errors are, if not standard errors: halves of intervals. */
  bars: z.enum(['standard error', '95 % interval']).optional(),
  /** Instead of points; the program replaces it with points, errors and protocol. */
  measured: measured.optional(),
  line: z.enum(['solid', 'dashed', 'dotted', 'none']).default('solid'),
  marks: z.boolean().default(true),
  /** How the values were measured. One chart has one protocol. */
  protocol: text.optional(),
  /** The same in detail, for the methods text. */
  how: SeriesMeasuredSchema.optional(),
})
export type Series = z.infer<typeof series>

/** Curves: FID or IS over steps, their trade-off, a linear probe over layers. */
export const ChartPanelSchema = z.strictObject({
  kind: z.literal('chart'),
  ...common,
  x: axis,
  y: axis,
  series: z.array(series).min(1).max(12),
  /** Published or other values for comparison, as horizontal lines. */
  references: z
    .array(z.strictObject({ label: text, y: z.number() }))
    .max(8)
    .default([]),
  /** Above the axes it covers nothing; in a corner it may cover data. */
  legend: z.enum(['above', 'top-left', 'top-right', 'bottom-left', 'bottom-right', 'none']).default('above'),
  /** Height of the axes relative to the panel's width. */
  aspect: z.number().min(0.2).max(3).default(0.6),
})

/** Points in the plane, coloured by group: a map of clusters. */
export const MapPanelSchema = z.strictObject({
  kind: z.literal('map'),
  ...common,
  points: z
    .array(z.tuple([z.number(), z.number(), z.number().int().min(0)]))
    .max(100_000)
    .default([]),
  /** Group names for the legend; a point's third number is its group index. */
  groups: z.array(text).max(12).default([]),
  /**
   * Instead of points: an atlas of `digit atlas`, each entry in the colour of its most characteristic class.
   */
  atlas: z
    .strictObject({ folder: z.string().min(1), plane: z.enum(['umap', 'pca']).default('umap') })
    .optional(),
  /** Points with a label. */
  names: z.array(z.strictObject({ point: z.number().int().min(0), label: text })).default([]),
})

/** Results as a table: rules above, below the header and at the end. */
export const TablePanelSchema = z.strictObject({
  kind: z.literal('table'),
  ...common,
  columns: z
    .array(z.strictObject({ label: text, best: z.enum(['lowest', 'highest']).optional() }))
    .min(1)
    .max(20),
  rows: z
    .array(z.array(z.union([text, z.number()])))
    .min(1)
    .max(500),
  /** How its values were measured, for the methods text; values typed by hand have none. */
  how: z.array(SeriesMeasuredSchema).max(50).optional(),
  /** Rows with a thin rule above them. */
  rules: z.array(z.number().int().min(1)).default([]),
})

export const PanelSchema = z.discriminatedUnion('kind', [
  GridPanelSchema,
  StripPanelSchema,
  StepsPanelSchema,
  VariancePanelSchema,
  ClusterPanelSchema,
  InterventionPanelSchema,
  ChartPanelSchema,
  MapPanelSchema,
  TablePanelSchema,
])
export type Panel = z.infer<typeof PanelSchema>
export type PanelInput = z.input<typeof PanelSchema>
export type PanelOf<K extends Panel['kind']> = Extract<Panel, { kind: K }>
