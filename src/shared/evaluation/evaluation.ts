// Evaluation requests and results: numbers together with the protocol they were measured by.
import * as z from 'zod'
import { FloorSchema, type Floor } from './floor.ts'
import { DEVICES } from '../models/devices.ts'
import { MODEL_ROLES } from '../models/models.ts'
import type { UnreadableImage } from './set-problems.ts'

export const PROTOCOL_NAMES = ['torch-fidelity', 'adm', 'dinov2', 'clip'] as const
export const PROTOCOL_TITLES: Readonly<Record<ProtocolName, string>> = {
  'torch-fidelity': 'torch-fidelity',
  adm: 'ADM',
  dinov2: 'DINOv2',
  clip: 'CLIP',
}
export type ProtocolName = (typeof PROTOCOL_NAMES)[number]

const whole = (least: number, most: number) => z.number().int().min(least).max(most)

const models = {
  /** Folder (or file) of the models: the encoder for DINOv2, and Inception-v3 if it is there. */
  model: z.string().min(1),
  choose: z.partialRecord(z.enum(MODEL_ROLES), z.string().min(1)).optional(),
  device: z.enum(DEVICES),
  /** Folder of the results (evaluate), or file (reference). */
  out: z.string().min(1),
  /** Inception-v3's weights. @default among the models, or in torch's cache */
  inception: z.string().min(1).optional(),
  /** CLIP's weights. @default among the models */
  clip: z.string().min(1).optional(),
}

const size = whole(1, 4096)

const skip = {
  /** Images that cannot be read are left out, and recorded. @default they are errors, all told at once */
  skipUnreadable: z.boolean().optional(),
}

/** Fields of everything that extracts features of two sets. */
const comparison = {
  ...models,
  /** Samples: a run folder, a folder of images, or an ADM batch. */
  images: z.string().min(1),
  /** The same, or statistics (.npz). */
  reference: z.string().min(1),
  protocol: z.enum(PROTOCOL_NAMES),
  /** Resize + CenterCrop of both sets. @default the samples as they are, reference images at their size */
  size: size.optional(),
  ...skip,
}

export const EvaluateSpecSchema = z.object({
  kind: z.literal('evaluate'),
  ...comparison,
  /** Jackknife error, and from 5,000 images the limit of large n: 20 more Frechet distances. */
  confidence: z.boolean(),
  /** Frechet distance, with its floor, and precision of each class with enough images in both sets. */
  perClass: z.boolean(),
  /** Real against real at the same n, computed once a reference. @default none */
  floor: z.boolean().optional(),
  /** The reference is what the model was trained on, as the person states: C_T and AuthPct. */
  isTrainingSet: z.literal(true).optional(),
  /** Real images that were not trained on, to calibrate them. */
  heldOut: z.string().min(1).optional(),
})
export type EvaluateSpec = z.infer<typeof EvaluateSpecSchema>

/** The nearest images of the reference for every sample. */
export const NearestSpecSchema = z.object({ kind: z.literal('nearest'), ...comparison })
export type NearestSpec = z.infer<typeof NearestSpecSchema>
export type ComparisonSpec = Omit<NearestSpec, 'kind'>

export const ReferenceSpecSchema = z.object({
  kind: z.literal('reference'),
  ...models,
  /** A folder of images, or an ADM batch. */
  images: z.string().min(1),
  protocol: z.enum(PROTOCOL_NAMES),
  /** Resize + CenterCrop. @default the images as they are */
  size: size.optional(),
  ...skip,
  /** Images kept in the file for precision and recall; ADM's references have 10,000. */
  keep: whole(0, 10_000_000),
})
export type ReferenceSpec = z.infer<typeof ReferenceSpecSchema>

/** One side of a comparison. */
export interface MeasuredSet {
  readonly path: string
  /** Absent for statistics: their file does not say. */
  readonly n?: number
  /** Of the pixels of all images in their order, or of the statistics file. */
  readonly sha256: string
  readonly kind: 'images' | 'statistics'
  /** How files became pixels. */
  readonly crop: string
  /** Images that were left out because they could not be read. */
  readonly skipped?: readonly UnreadableImage[]
}

/** Frechet distances of a class to the same real images: of its samples, and of as many other real images of it. */
export interface ClassDistance {
  /** Samples, or real images in their place. */
  readonly n: number
  /** Real images of the class on the other side. */
  readonly m: number
  readonly samples: number
  /** The floor: what real images reach at this n and m. */
  readonly real: number
}

export interface ClassMetrics {
  /** By what it is matched is `settings.classes` of the stamp. */
  readonly class: number
  /** Of its folder, unless folders are named by their numbers. */
  readonly name?: string
  readonly n: number
  /** Absent where the class has too few real images for both sides. */
  readonly distance?: ClassDistance
  /** Of records of 0.1, at whatever n and m the class had, without a floor: not shown. */
  readonly frechet?: number
  /** Share of the class's samples within the manifold of the real images of all classes. */
  readonly precision?: number
}

/** How far a result may be from what other images of the same source would give. */
export interface ResultError {
  /** One standard error. */
  readonly error: number
  /** 95 % interval. */
  readonly low: number
  readonly high: number
  /** `delete-a-group jackknife over the samples, 10 groups`. */
  readonly method: string
}

/** One line of `metrics.jsonl`; `results`, `metric`, `total_time` and `timestamp` are StyleGAN's fields. */
export interface Stamp {
  readonly schema: 1
  /** Equal if measuring again would give the same numbers. */
  readonly key: string
  /** Under torch-fidelity's names, and `{frechet,kernel}_dinov2_distance`, `spatial_frechet_inception_distance`. */
  readonly results: Readonly<Record<string, number>>
  /** By the name of their result; a result without one has no known error. */
  readonly errors?: Readonly<Record<string, ResultError>>
  /** The protocol. */
  readonly metric: ProtocolName
  readonly samples: MeasuredSet
  readonly reference: MeasuredSet
  readonly extractor: {
    readonly name: string
    readonly file: string
    readonly sha256: string
    readonly input: string
    readonly provider: string
    /** `DINOv2 ViT-B/14 reg`. Absent in records of 0.1. */
    readonly network?: string
  }
  /** Splits, subsets and seeds as they were used. */
  readonly settings: Readonly<Record<string, string | number>>
  /** Deviations from what the protocol's name promises. */
  readonly badges: readonly string[]
  readonly perClass?: readonly ClassMetrics[]
  /** Of the main Frechet distance. */
  readonly confidence?: {
    readonly error: number
    /** In records of 0.1 without an error, from nested subsets of any number of images: not shown. */
    readonly limit?: number
    readonly limitError?: number
    /** Means over subsets of different sizes, the whole set last. */
    readonly curve: readonly { readonly count: number; readonly distance: number }[]
  }
  /** Of real images against other real images. */
  readonly floor?: Floor
  /** For samples made by this program. */
  readonly recipe?: unknown
  readonly models?: unknown
  readonly versions: Readonly<Record<string, string>>
  /** Seconds. */
  readonly total_time: number
  /** Unix time. */
  readonly timestamp: number
}

const text = z.string()
const measured = z.looseObject({
  path: text,
  n: whole(0, Number.MAX_SAFE_INTEGER).exactOptional(),
  sha256: text,
  kind: z.enum(['images', 'statistics']),
  crop: text,
  skipped: z.array(z.looseObject({ name: text, problem: text })).exactOptional(),
})

/** A line of `metrics.jsonl` as it is read back. */
export const StampSchema: z.ZodType<Stamp> = z.looseObject({
  schema: z.literal(1),
  key: text,
  results: z.record(text, z.number()),
  errors: z
    .record(text, z.looseObject({ error: z.number(), low: z.number(), high: z.number(), method: text }))
    .exactOptional(),
  metric: z.enum(PROTOCOL_NAMES),
  samples: measured,
  reference: measured,
  extractor: z.looseObject({
    name: text,
    file: text,
    sha256: text,
    input: text,
    provider: text,
    network: text.exactOptional(),
  }),
  settings: z.record(text, z.union([text, z.number()])),
  badges: z.array(text),
  perClass: z
    .array(
      z.looseObject({
        class: whole(0, Number.MAX_SAFE_INTEGER),
        name: text.exactOptional(),
        n: whole(0, Number.MAX_SAFE_INTEGER),
        distance: z
          .looseObject({ n: z.number(), m: z.number(), samples: z.number(), real: z.number() })
          .exactOptional(),
        frechet: z.number().exactOptional(),
        precision: z.number().exactOptional(),
      }),
    )
    .exactOptional(),
  confidence: z
    .looseObject({
      error: z.number(),
      limit: z.number().exactOptional(),
      limitError: z.number().exactOptional(),
      curve: z.array(z.looseObject({ count: z.number(), distance: z.number() })),
    })
    .exactOptional(),
  floor: FloorSchema.exactOptional(),
  recipe: z.unknown().optional(),
  models: z.unknown().optional(),
  versions: z.record(text, text),
  total_time: z.number(),
  timestamp: z.number(),
})

/** Statistics may come with images; metrics that need images were measured then. */
export const referenceHasImages = ({ reference, results }: Stamp): boolean =>
  reference.n !== undefined || results.precision !== undefined
