// Linear probes of stage 1: requests and results.
import { z } from 'zod'
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
  epochs: whole(1, 10_000),
  /** Images in one step of the classifier. */
  batch: whole(1, 100_000),
  learningRate: z.number().gt(0).max(1000),
  /** Seed for the order of images. */
  seed: whole(0, 2 ** 32 - 1),
})
export type ProbeSpec = z.infer<typeof ProbeSpecSchema>

/** Top-1 of one layer; 0 is the embedding sum before the first layer. */
export interface ProbedLayer {
  readonly layer: number
  readonly train: number
  readonly validation: number
}
