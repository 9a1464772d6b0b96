// Linear probes of stage 1: requests and results.
import * as z from 'zod'
import { DEVICES } from '../models/devices.ts'
import { MODEL_ROLES } from '../models/models.ts'

const whole = (least: number, most: number) => z.number().int().min(least).max(most)

export const ProbeSpecSchema = z.object({
  kind: z.literal('probe'),
  model: z.string().min(1),
  choose: z.partialRecord(z.enum(MODEL_ROLES), z.string().min(1)).optional(),
  device: z.enum(DEVICES),
  /** Folder of the features and results. */
  out: z.string().min(1),
  /** A folder of images with one subfolder per class. */
  images: z.string().min(1),
  /** The same, for testing. @default every fifth image of each class is held out */
  validation: z.string().min(1).optional(),
  /** @default ours */
  recipe: z.enum(['ours', 'release']).optional(),
  /** Length of our recipe. */
  epochs: whole(1, 10_000).optional(),
  /** Length of the release's recipe. */
  updates: whole(1, 10_000_000).optional(),
  /** Images in one step of the classifier. */
  batch: whole(1, 100_000),
  learningRate: z.number().gt(0).max(1000),
  /** Seed for the order of images. */
  seed: whole(0, 2 ** 32 - 1),
})
export type ProbeSpec = z.infer<typeof ProbeSpecSchema>
export type ProbeRecipe = NonNullable<ProbeSpec['recipe']>

/** How the classifiers are trained. Records of 0.1 have no recipe, which is ours. */
export const ProbeTrainingSchema = ProbeSpecSchema.pick({
  recipe: true,
  epochs: true,
  updates: true,
  batch: true,
  learningRate: true,
  seed: true,
})
export type ProbeTraining = z.infer<typeof ProbeTrainingSchema>

/**
 * `release`: config/stage1/dino_base_linearprobe_sgd.yaml and scripts/train_stage1_linearprobe.sh of the DiGIT release, with
 * 256 images on each of 4 GPUs.
 */
export const PROBE_RECIPES = {
  ours: { epochs: 50, batch: 256, learningRate: 0.1 },
  release: { updates: 100_000, batch: 1024, learningRate: 0.4 },
} as const satisfies Readonly<Record<ProbeRecipe, Partial<ProbeTraining>>>

/** Layers that are probed, of a network of `depth` layers and the embedding before them: the release leaves out the last. */
export const layersProbed = ({ recipe }: Pick<ProbeTraining, 'recipe'>, depth: number): number =>
  recipe === 'release' ? depth : depth + 1

/** `the release's recipe, 100,000 updates, batch 1,024, rate 0.4, seed 0`. */
export function trainingWords({ recipe, epochs, updates, batch, learningRate, seed }: ProbeTraining): string {
  const { ours, release } = PROBE_RECIPES
  const length =
    recipe === 'release'
      ? `${count(updates ?? release.updates)} updates`
      : `${count(epochs ?? ours.epochs)} epochs`
  const whose = recipe === 'release' ? 'the release’s recipe' : 'our recipe'
  return `${whose}, ${length}, batch ${count(batch)}, rate ${learningRate}, seed ${seed}`
}

const count = (n: number) => n.toLocaleString('en-US')

/** Top-1 of one layer; 0 is the embedding sum before the first layer. */
export interface ProbedLayer {
  readonly layer: number
  readonly train: number
  readonly validation: number
}
