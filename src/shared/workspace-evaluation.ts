// Measurements of the workspace: what a page may ask of them, and what it is told.
import { z } from 'zod'
import type { Stamp } from './evaluation.ts'
import { RunIdSchema } from './run.ts'
import type { CallSchemas } from './rpc/serve.ts'

/** Digits of a hash of where a set lies. */
export const SetIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'is no image set')
export const MeasurementIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'is no measurement')

/** Images, or statistics of images: the pictures of the demo, a run of the workspace, or what a person added. */
export const SetSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('demo') }),
  z.object({ kind: z.literal('run'), run: RunIdSchema }),
  z.object({ kind: z.literal('set'), set: SetIdSchema }),
])
export type SetSource = z.infer<typeof SetSourceSchema>

/** A stored line of a `metrics.jsonl` of the workspace. */
export interface Measurement {
  /** The first 16 digits of the stamp's key. */
  readonly id: string
  readonly samples: SetSource
  /** Absent where the reference is not of the workspace (any more). */
  readonly reference?: SetSource
  /** Files named without their folders. */
  readonly stamp: Stamp
}

export interface EvaluationApi {
  /** Every stored measurement of the workspace's runs and sets, newest first. */
  listMeasurements(): Promise<readonly Measurement[]>
  /** Takes a measurement out of the list, by a line of its own in the file: nothing is erased. */
  removeMeasurement(id: string): Promise<void>
  restoreMeasurement(id: string): Promise<void>
}

export interface EvaluationEvents {
  measurementAdded(measurement: Measurement): void
  measurementRemoved(id: string): void
}

export const EVALUATION_CALLS: CallSchemas<EvaluationApi> = {
  listMeasurements: z.tuple([]),
  removeMeasurement: z.tuple([MeasurementIdSchema]),
  restoreMeasurement: z.tuple([MeasurementIdSchema]),
}
