// Verdict specifications: a sampling run, what varies, the reference, and the budget.
import * as z from 'zod'
import { SweepMeasureSchema } from '../sweep/spec.ts'

/** The distance that decides: Frechet, or the unbiased kernel distance, which needs the reference's images. */
export const DECIDING_METRICS = ['fd', 'kid'] as const
export type DecidingMetric = (typeof DECIDING_METRICS)[number]

/** Besides the sampling run. */
export const verdictFields = {
  kind: z.literal('verdict'),
  /** Folder of the verdict. */
  out: z.string().min(1),
  /** Every combination of values is a setting. */
  axes: z
    .array(
      z.object({
        name: z.string().min(1),
        values: z.array(z.union([z.number(), z.string().min(1)])).min(1),
      }),
    )
    .min(1)
    .max(3),
  measure: SweepMeasureSchema.omit({ confidence: true, floor: true }),
  by: z.enum(DECIDING_METRICS),
  /** Working time after which no further look is started. The first look is always made. */
  minutes: z.number().positive().max(1_000_000).optional(),
}
