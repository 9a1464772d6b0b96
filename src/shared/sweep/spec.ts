// Sweep specifications: a sampling run, the axes that vary, and how each cell is measured.
import * as z from 'zod'
import { PROTOCOL_NAMES } from '../evaluation/evaluation.ts'

const AxisSchema = z.object({
  name: z.string().min(1),
  values: z.array(z.union([z.number(), z.string().min(1)])).min(1),
})

/** How each cell is measured; absent: cells only have samples. */
export const SweepMeasureSchema = z.object({
  reference: z.string().min(1),
  protocol: z.enum(PROTOCOL_NAMES),
  size: z.number().int().min(1).max(4096).optional(),
  inception: z.string().min(1).optional(),
  clip: z.string().min(1).optional(),
  /** Jackknife error of each cell's distance: about 20 more distances. Absent: none. */
  confidence: z.literal(true).optional(),
  /** Real against real at the n of each cell, computed once for cells of one n. Absent: none. */
  floor: z.literal(true).optional(),
})
export type SweepMeasure = z.infer<typeof SweepMeasureSchema>

/** `base` is any sampling run; its schema is checked for each cell. */
export const sweepFields = {
  kind: z.literal('sweep'),
  /** Folder of the sweep. */
  out: z.string().min(1),
  axes: z.array(AxisSchema).min(1).max(8),
  measure: SweepMeasureSchema.optional(),
}
