// Likelihood of held-out images under the transformers: the specification of a run, and its result.
import * as z from 'zod'
import { DEVICES } from '../models/devices.ts'
import { MODEL_ROLES } from '../models/models.ts'

export const LikelihoodSpecSchema = z.object({
  kind: z.literal('likelihood'),
  model: z.string().min(1),
  choose: z.partialRecord(z.enum(MODEL_ROLES), z.string().min(1)).optional(),
  device: z.enum(DEVICES),
  /** Folder of the results. */
  out: z.string().min(1),
  /** A folder of images that no model was trained on; subfolders are classes. */
  images: z.string().min(1),
  /** Stage 1 is given the class of each image. @default it is not */
  conditional: z.literal(true).optional(),
})
export type LikelihoodSpec = z.infer<typeof LikelihoodSpecSchema>

export const LIKELIHOOD_STAGES = ['stage1', 'stage2'] as const
export type LikelihoodStage = (typeof LIKELIHOOD_STAGES)[number]

/** Stage 1: the discriminative tokens. Stage 2: the codes given the true discriminative tokens. */
export interface StageLikelihood {
  /** -log2 of the probability at temperature 1, mean over all tokens of all images. */
  readonly bits: number
  /** Standard error of `bits` over images: tokens of one image depend on each other. */
  readonly error: number
  /** log2 of the vocabulary: bits per token of a model that knows nothing. */
  readonly uniform: number
  /** Mean of each cell over images, in raster order. */
  readonly places: readonly number[]
  /** In numerical order; empty where the images have no classes. */
  readonly classes: readonly {
    readonly class: number
    readonly name?: string
    readonly n: number
    readonly bits: number
  }[]
}

const count = z.number().int().min(0)
export const StageLikelihoodSchema: z.ZodType<StageLikelihood> = z.looseObject({
  bits: z.number(),
  error: z.number(),
  uniform: z.number(),
  places: z.array(z.number()),
  classes: z.array(
    z.looseObject({ class: count, name: z.string().exactOptional(), n: count, bits: z.number() }),
  ),
})

export const STAGE_WORDS: Readonly<Record<LikelihoodStage, string>> = {
  stage1: 'Stage 1: discriminative tokens',
  stage2: 'Stage 2: codes given the tokens',
}
