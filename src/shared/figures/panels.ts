// What a panel of a figure can be: its kinds and their fields.
import { z } from 'zod'
import { PROTOCOL_NAMES } from '../evaluation/evaluation.ts'
import { ImageRefSchema, RegionSchema } from './image-ref.ts'

const text = z.string().max(400)
const labels = z.array(text)
const images = z.array(ImageRefSchema).min(1).max(20_000)
const columns = z.number().int().min(1).max(1000)
const token = z.number().int().min(0).max(65_535)

export const GRID_NAMES = ['discriminative', 'codes'] as const

const common = {
  /** Stands above the panel, behind its letter. */
  title: text.optional(),
  /** Width in comparison with the other panels of the row. @default 1 */
  share: z.number().min(0.01).max(100).optional(),
}

/** Cells that hold one of these tokens are shown, the rest is dimmed; or all tokens as colours over the image. */
export const OverlaySchema = z.strictObject({
  grid: z.enum(GRID_NAMES),
  /** Tokens to outline; empty: every token as a colour. */
  tokens: z.array(token).max(8),
  /** Of the colours, or of the dimming. */
  opacity: z.number().min(0).max(1).default(0.5),
})
export type Overlay = z.infer<typeof OverlaySchema>

/** A part of a cell's image, enlarged in a corner of it. */
export const InsetSchema = z.strictObject({
  cell: z.number().int().min(0),
  region: RegionSchema,
  corner: z.enum(['top-left', 'top-right', 'bottom-left', 'bottom-right']).default('bottom-right'),
  /** Width of the enlargement in comparison with the image's. */
  size: z.number().min(0.1).max(0.9).default(0.45),
})

/** Samples in rows and columns, in reading order. */
export const GridPanelSchema = z.strictObject({
  kind: z.literal('grid'),
  ...common,
  images,
  columns,
  rowLabels: labels.optional(),
  columnLabels: labels.optional(),
  /** Under each image. */
  cellLabels: labels.optional(),
  crop: RegionSchema.optional(),
  overlay: OverlaySchema.optional(),
  insets: z.array(InsetSchema).max(100).optional(),
})

export const STRIP_PARTS = ['input', 'discriminative', 'codes', 'output'] as const
/** A row an image: the picture it was made from, both token grids, what was made. */
export const StripPanelSchema = z.strictObject({
  kind: z.literal('reconstruction'),
  ...common,
  images,
  parts: z
    .array(z.enum(STRIP_PARTS))
    .min(1)
    .default([...STRIP_PARTS]),
  rowLabels: labels.optional(),
})

/** How images came to be: what was settled after shares of the second stage's steps. */
export const StepsPanelSchema = z.strictObject({
  kind: z.literal('steps'),
  ...common,
  images,
  grid: z.enum(GRID_NAMES).default('codes'),
  /** Shares of the steps, one a column. */
  at: z.array(z.number().min(0).max(1)).min(1).max(50).default([0.125, 0.25, 0.5, 0.75, 1]),
  rowLabels: labels.optional(),
})

/** Images of equal size, pixel by pixel: their mean and standard deviation; one scale for all groups. */
export const VariancePanelSchema = z.strictObject({
  kind: z.literal('variance'),
  ...common,
  groups: z
    .array(z.strictObject({ label: text, images: z.array(ImageRefSchema).min(2).max(1000) }))
    .min(1)
    .max(20),
  /** Images of each group shown beside its maps. */
  samples: z.number().int().min(0).max(8).default(2),
})

/** One cluster (or code): its cells in images, the rest dimmed. */
export const ClusterPanelSchema = z.strictObject({
  kind: z.literal('cluster'),
  ...common,
  grid: z.enum(GRID_NAMES).default('discriminative'),
  token,
  images,
  columns,
  cellLabels: labels.optional(),
})

/** What a change of tokens did: before, after, and the difference, cells with other tokens outlined. */
export const InterventionPanelSchema = z.strictObject({
  kind: z.literal('intervention'),
  ...common,
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

/** Points out of what `digit evaluate` measured: the last line of each file that has the protocol and the results. */
const measured = z.strictObject({
  protocol: z.enum(PROTOCOL_NAMES),
  /** A `metrics.jsonl` each, relative to the figure's file, and where it lies on the x axis. */
  files: z
    .array(z.strictObject({ file: z.string().min(1), x: z.number().optional() }))
    .min(1)
    .max(1000),
  /** The result on the x axis, where files have no `x`: a trade-off. */
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
  /** Standard error of each point's value, drawn as a bar; 0 where none is known. As many as points. */
  errors: z.array(z.number().min(0)).max(20_000).optional(),
  /** In place of points; the program puts points, errors and protocol in its place. */
  measured: measured.optional(),
  line: z.enum(['solid', 'dashed', 'dotted', 'none']).default('solid'),
  marks: z.boolean().default(true),
  /** How the values were measured. One chart holds one protocol. */
  protocol: text.optional(),
})
export type Series = z.infer<typeof series>

/** Curves: FID or IS over steps, their trade-off, a linear probe over layers. */
export const ChartPanelSchema = z.strictObject({
  kind: z.literal('chart'),
  ...common,
  x: axis,
  y: axis,
  series: z.array(series).min(1).max(12),
  /** Published or other values to compare with, as level lines. */
  references: z
    .array(z.strictObject({ label: text, y: z.number() }))
    .max(8)
    .default([]),
  /** Above the axes it covers nothing; in a corner it covers what is there. */
  legend: z.enum(['above', 'top-left', 'top-right', 'bottom-left', 'bottom-right', 'none']).default('above'),
  /** Height of the axes in comparison with the panel's width. */
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
  /** Names of the groups, shown in a legend; a point's third number is the group's place here. */
  groups: z.array(text).max(12).default([]),
  /** In place of points: an atlas of `digit atlas`, each entry in the colour of the class it stands out for. */
  atlas: z
    .strictObject({ folder: z.string().min(1), plane: z.enum(['umap', 'pca']).default('umap') })
    .optional(),
  /** Points with a name beside them. */
  names: z.array(z.strictObject({ point: z.number().int().min(0), label: text })).default([]),
})

/** Results, set as tables are in papers: rules above, below the head and at the end. */
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
  /** Rows that a thin rule stands above. */
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
