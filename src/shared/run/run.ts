// Run specifications, and the states of a run.
import { DIGIT_GRID, GridNameSchema, LayerNameSchema, MAX_TOKEN } from '../grid/layout.ts'
import * as z from 'zod'
import { DEVICES, RunDeviceSchema } from '../models/devices.ts'
import { EvaluateSpecSchema, NearestSpecSchema, ReferenceSpecSchema } from '../evaluation/evaluation.ts'
import { MODEL_ROLES } from '../models/models.ts'
import { LikelihoodSpecSchema } from '../evaluation/likelihood.ts'
import { ProbeSpecSchema } from '../evaluation/linear-probe.ts'
import { FAMILY_NAMES } from '../generators/families.ts'
import { GeneratorSettingsSchema } from '../generators/settings.ts'
import { WeightBitsSchema } from './precision.ts'
import { sweepFields } from '../sweep/spec.ts'
import { verdictFields } from '../verdict/spec.ts'

/** The name of a run folder: no characters that could lead to another folder. */
export const RunIdSchema = z.string().regex(/^[A-Za-z0-9][\w.-]{0,127}$/, 'not a run id')
/** A run whose images can be viewed: a run of the workspace, or a cell of a sweep, `SWEEP@CELL`. */
export const ImageRunIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,127}(@[A-Za-z0-9][\w.-]{0,250})?$/, 'not a run id')
/** What someone calls a run; empty: by its settings. */
export const RunNameSchema = z
  .string()
  .trim()
  .max(200)
  .regex(/^\P{Cc}*$/u, 'control characters in a name')
export const ImageNumberSchema = z.number().int().min(0).max(9_999_999)

const whole = (least: number, most: number) => z.number().int().min(least).max(most)

/** How tokens are sampled from logits. fairseq's rule: top-p, when above 0, replaces top-k. */
export const SamplingSchema = z.object({
  temperature: z.number().min(0.01).max(100),
  /** 0 keeps all tokens. */
  topK: whole(0, 2 ** 20),
  /** 0 disables it. */
  topP: z.number().min(0).max(1),
})
export type Sampling = z.infer<typeof SamplingSchema>

/**
 * MaskGIT-style decoding: digit.md "Stage 2 NAR". The release uses 8 steps and a choice temperature of 4.5.
 */
export const MaskedDecodingSchema = z.object({
  steps: whole(1, DIGIT_GRID.cells),
  choiceTemperature: z.number().min(0).max(1000),
  /** Cells become known in the order of a Halton sequence, instead of by confidence. @default false */
  halton: z.boolean().exactOptional(),
})
export type MaskedDecoding = z.infer<typeof MaskedDecodingSchema>

/** Fields of every run that uses models. */
const models = {
  /** Folder (or file) of the models. */
  model: z.string().min(1),
  /** Files to use for a role if several fit. */
  choose: z.partialRecord(z.enum(MODEL_ROLES), z.string().min(1)).optional(),
  /** Run folder. */
  out: z.string().min(1),
  device: z.enum(DEVICES),
}
/** Files of generators and their tokenizers that are not in the folder of the models. */
const generatorFiles = z.array(z.string().min(1)).max(256).optional()

/** Fields of every run of the image pipeline. */
const common = {
  ...models,
  /** Images per batch. */
  batchSize: whole(1, 1024),
  /** Precision in bits: 32 as published, 16, or 8 or 4 for the transformers' weights. */
  weightBits: WeightBitsSchema,
}

const stage2 = {
  /** Kind of stage 2. */
  stage2: z.enum(['ar', 'nar']),
  stage2Sampling: SamplingSchema,
  masked: MaskedDecodingSchema,
  seed: whole(0, Number.MAX_SAFE_INTEGER),
}

const pinnedTokens = z.array(whole(-1, MAX_TOKEN)).length(DIGIT_GRID.cells)
/** Of all layers of codes of an image. */
const MAX_CODES = 2 ** 12
/**
 * Tokens that are fixed instead of sampled, in raster order, -1 where the token is sampled: 256, or as many codes as the
 * generator draws, its scales one after another.
 */
export const PinnedSchema = z.object({
  discriminative: pinnedTokens.optional(),
  codes: z.array(whole(-1, MAX_TOKEN)).min(1).max(MAX_CODES).optional(),
})
export type Pinned = z.infer<typeof PinnedSchema>

/** More than any generator has: 32 x 32. */
const MOST_CELLS = 1024
/** A cell of the grid of any generator. */
export const AnyCellSchema = whole(0, MOST_CELLS - 1)
const changed = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(MOST_CELLS)
/** Which tokens of the image in `from` were edited, and how; a description of `pinned`. */
export const ChangeSchema = z.object({
  grid: GridNameSchema,
  /** By hand, one entry replaced by another, filled from its surroundings, or copied from another image. */
  how: z.enum(['hand', 'entry', 'surroundings', 'copy']),
  /** The image that tokens were copied from. */
  source: z.object({ run: ImageRunIdSchema, image: ImageNumberSchema }).optional(),
  /** In raster order, with the old and the new token of each. */
  cells: changed(AnyCellSchema),
  before: changed(whole(0, MAX_TOKEN)),
  after: changed(whole(0, MAX_TOKEN)),
})
export type Change = z.infer<typeof ChangeSchema>

/** A generator of another family than DiGIT, which then draws the images. */
export const GeneratorSpecSchema = z.object({
  family: z.enum(FAMILY_NAMES),
  /** If several files fit: the id of its file in the model set, or FILE, or FILE#PREFIX. */
  file: z.string().min(1).optional(),
  /** Sizes that are in no tensor. @default those of the published model of this width and depth */
  heads: whole(1, 1024).optional(),
  side: whole(1, 64).optional(),
  /** Others are the published ones. */
  settings: GeneratorSettingsSchema,
})
export type GeneratorSpec = z.infer<typeof GeneratorSpecSchema>

/** The tokenizer of another generator than DiGIT: pictures are its codes alone. */
export const TokenizerSpecSchema = z.object({
  /** A family of generators; or the id of the file in the model set, or its sha256, or FILE, or FILE#PREFIX. */
  name: z.string().min(1),
  /** Cells along a side of its grid. @default 16 */
  side: whole(1, 64).optional(),
})
export type TokenizerSpec = z.infer<typeof TokenizerSpecSchema>

export const SampleSpecSchema = z.object({
  kind: z.literal('sample'),
  ...common,
  device: RunDeviceSchema,
  ...stage2,
  /** Images of the whole run, over all shards. Image i does not depend on count, batch size or shard. */
  count: whole(1, 10_000_000),
  /** Classes for a class-conditional stage 1 (image i has classes[i mod length]); empty: unconditional. */
  classes: z.array(whole(0, 2 ** 20)),
  stage1Sampling: SamplingSchema,
  /** Absent: DiGIT. With it, the settings of the stages are not used. */
  generator: GeneratorSpecSchema.optional(),
  generatorFiles,
  /** Images are appended to tar archives instead of written to files of their own; they are the same. */
  pack: z.boolean().optional(),
  /** Image i uses pinned[i mod length]; absent: all tokens are sampled. */
  pinned: z.array(PinnedSchema).min(1).max(4096).optional(),
  /**
   * This stage uses the random numbers of image 0 for every image, so that images differ only through the
   * other stage.
   */
  commonNoise: z.enum(['stage1', 'stage2']).optional(),
  /** Of other images instead of image 0: image i of noise[i mod length]. */
  noise: z.array(ImageNumberSchema).min(1).max(4096).optional(),
  /**
   * With common noise of stage 2: stage 1 uses the random numbers of image stage1Noise[i mod length] instead of image i.
   * Every grid can so be decoded with every noise.
   */
  stage1Noise: z.array(ImageNumberSchema).min(1).max(4096).optional(),
  /** The image the fixed tokens come from, if there is one. */
  from: z.object({ run: ImageRunIdSchema, image: ImageNumberSchema }).optional(),
  /** For an intervention, whose images are the original and the edited one. */
  changes: z.array(ChangeSchema).max(1024).optional(),
  /**
   * A trial made while settings are being changed: only the latest few are kept unless the user keeps one.
   */
  draft: z.boolean().optional(),
  shards: whole(1, 100_000),
  /** This shard generates the images i with i mod shards = shard. */
  shard: whole(0, 99_999),
})
export const ReconstructSpecSchema = z.object({
  kind: z.literal('reconstruct'),
  ...common,
  generatorFiles,
  ...stage2,
  images: z.array(z.string().min(1)).min(1),
  /** Names of the pictures, in order. @default their file names */
  names: z.array(z.string().min(1)).optional(),
  /** Pictures -> codes -> pictures: the VQGAN alone, without the discriminative tokens and stage 2. */
  vqganOnly: z.literal(true).optional(),
  /** Instead of DiGIT's VQGAN, and like it alone. */
  tokenizer: TokenizerSpecSchema.optional(),
  /** Encodes each result again, so that its tokens can be compared with the original ones. */
  drift: z.boolean().optional(),
})
export const TokenizeSpecSchema = z.object({
  kind: z.literal('tokenize'),
  ...common,
  /** Image files, or folders of images (ImageFolder classes if there are subfolders). */
  images: z.array(z.string().min(1)).min(1),
  /** Also computes VQGAN codes, if there is a VQGAN. @default true */
  codes: z.boolean().optional(),
  /** Instead of the encoder, the K-Means and the VQGAN. */
  tokenizer: TokenizerSpecSchema.optional(),
  generatorFiles,
})
export const ImportTokensSpecSchema = z.object({
  kind: z.literal('import-tokens'),
  /** Folder of the token data set. */
  out: z.string().min(1),
  /** A `.codecs` file, a `generate-*.txt`, or a folder of a run that made images. */
  source: z.string().min(1),
  /** Kind of the tokens in a file; a run's images record it themselves. */
  tokens: GridNameSchema,
  /** The tokenizer of another generator, whose codes are in the file, and its models. @default 256 tokens of DiGIT an image */
  tokenizer: TokenizerSpecSchema.extend({
    model: models.model,
    choose: models.choose,
  }).optional(),
})
export const KMeansSpecSchema = z.object({
  kind: z.literal('kmeans'),
  ...models,
  /** Images per batch. */
  batchSize: whole(1, 1024),
  /** Image files or folders; or `.npy` files of features, float16 or float32 [points, width]. */
  images: z.array(z.string().min(1)).min(1),
  /** Clusters. */
  k: whole(2, 2 ** 16),
  /** Of faiss. */
  iterations: whole(1, 10_000),
  /** Number of restarts; the best result is kept (faiss: nredo). */
  restarts: whole(1, 1000),
  /** Points per cluster above which points are dropped at random. */
  maxPointsPerCentroid: whole(1, 2 ** 31),
  seed: whole(0, 2 ** 31),
  /**
   * Block whose output is clustered, counted from the end. @default from the checkpoints, 3 in the release
   */
  layer: whole(1, 1000).optional(),
  /** Fraction of the pictures to use. */
  pictures: z.number().gt(0).max(1),
  /** Fraction of each picture's 256 patches to use. */
  patches: z.number().gt(0).max(1),
  /** Random crop and flip, as in the release; otherwise a center crop, as in tokenization. */
  augment: z.boolean(),
})
export const AtlasSpecSchema = z.object({
  kind: z.literal('atlas'),
  ...models,
  generatorFiles,
  /** Folder of a token data set. */
  dataset: z.string().min(1),
  /** Name of a layer: discriminative, codes, or a scale of codes. */
  tokens: LayerNameSchema,
  /** Also computes a UMAP layout of the codebook: takes minutes for thousands of entries. */
  umap: z.boolean(),
  seed: whole(0, 2 ** 31),
})
export const CodebooksSpecSchema = z.object({
  kind: z.literal('codebooks'),
  out: z.string().min(1),
  device: z.enum(DEVICES),
  /** Two token data sets of the same pictures. */
  datasets: z.tuple([z.string().min(1), z.string().min(1)]),
  /** The codebooks' files, to match centroids as well as tokens. */
  codebooks: z.tuple([z.string().min(1), z.string().min(1)]).optional(),
  tokens: GridNameSchema,
  /** For the second data set. @default the same as for the first */
  secondTokens: GridNameSchema.optional(),
})
export const DecodeSpecSchema = z.object({
  kind: z.literal('decode'),
  ...common,
  ...stage2,
  /** A fairseq `.codecs` file, one grid per line. */
  codecs: z.string().min(1),
  /** Instead of DiGIT's VQGAN; the tokens are then codes. */
  tokenizer: TokenizerSpecSchema.optional(),
  /** Kind of tokens in the file: discriminative tokens (decoded by stage 2) or VQGAN codes. */
  tokens: GridNameSchema,
  /** Image number of the first line; the random numbers depend on it. @default 0 */
  first: ImageNumberSchema.optional(),
})
/** Axes are validated when the cells are planned. */
export const SweepSpecSchema = z.object({ ...sweepFields, base: SampleSpecSchema })
/** `base.count` is the most images of each setting. */
export const VerdictSpecSchema = z.object({ ...verdictFields, base: SampleSpecSchema })
export const RunSpecSchema = z.discriminatedUnion('kind', [
  SampleSpecSchema,
  ReconstructSpecSchema,
  TokenizeSpecSchema,
  ImportTokensSpecSchema,
  KMeansSpecSchema,
  AtlasSpecSchema,
  CodebooksSpecSchema,
  DecodeSpecSchema,
  EvaluateSpecSchema,
  NearestSpecSchema,
  ReferenceSpecSchema,
  SweepSpecSchema,
  VerdictSpecSchema,
  ProbeSpecSchema,
  LikelihoodSpecSchema,
])
/** A request from a page: the host adds the models and the folder. */
export const SampleRequestSchema = SampleSpecSchema.omit({
  kind: true,
  model: true,
  choose: true,
  generatorFiles: true,
  out: true,
  shards: true,
  shard: true,
})
export type SampleRequest = z.infer<typeof SampleRequestSchema>
/** A request from a page that uploads the pictures itself. */
export const ReconstructRequestSchema = ReconstructSpecSchema.omit({
  kind: true,
  model: true,
  choose: true,
  generatorFiles: true,
  out: true,
  images: true,
  names: true,
})
export type ReconstructRequest = z.infer<typeof ReconstructRequestSchema>
export type SampleSpec = z.infer<typeof SampleSpecSchema>
export type ReconstructSpec = z.infer<typeof ReconstructSpecSchema>
export type TokenizeSpec = z.infer<typeof TokenizeSpecSchema>
export type ImportTokensSpec = z.infer<typeof ImportTokensSpecSchema>
export type KMeansSpec = z.infer<typeof KMeansSpecSchema>
export type AtlasSpec = z.infer<typeof AtlasSpecSchema>
export type CodebooksSpec = z.infer<typeof CodebooksSpecSchema>
export type DecodeSpec = z.infer<typeof DecodeSpecSchema>
export type VerdictSpec = z.infer<typeof VerdictSpecSchema>
export type SweepSpec = z.infer<typeof SweepSpecSchema>
export type RunSpec = z.infer<typeof RunSpecSchema>

/**
 *   queued -> running -> done
 *                  |-> failed      (finished work is kept)
 *                  `-> cancelled   (likewise)
 */
export type RunStatus =
  | { readonly state: 'queued' }
  | {
      readonly state: 'running'
      /** Finished work and total work; the unit is an image, or a fraction of one. */
      readonly step: number
      readonly of: number
      /** The current activity, in a few words. */
      readonly note: string
    }
  | {
      readonly state: 'done'
      readonly finished: number
      readonly summary: string
      /** For an evaluation: the key of its stamp. */
      readonly measured?: string
    }
  | {
      readonly state: 'failed'
      readonly finished: number
      readonly error: { readonly name: string; readonly message: string; readonly stack?: string }
    }
  | { readonly state: 'cancelled'; readonly finished: number }

export interface RunState {
  readonly id: string
  readonly spec: RunSpec
  readonly status: RunStatus
}
