// Training logs: those next to the open checkpoints, and uploaded ones.
import * as z from 'zod'
import { MAX_HANDED_BYTES } from '../contract/handed-pictures.ts'
import type { CallSchemas } from '../rpc/serve.ts'

/** Digits of a hash. */
export const LogIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'not a log id')

/** One tag of a log; arrays have one entry per line or event, in log order. */
export interface LogSeries {
  readonly tag: string
  /** Updates, or line numbers if the log has no counter. */
  readonly steps: Float64Array
  /** With fractions; absent if the log does not say. */
  readonly epochs?: Float64Array
  readonly values: Float64Array
}

/** The readable contents of a log. */
export interface LogContents {
  readonly series: readonly LogSeries[]
  /** What was left out and why, one sentence each. */
  readonly notes: readonly string[]
}

export interface TrainingLog {
  readonly id: string
  /** `demo_stage1/train.log`. */
  readonly name: string
  /** It belongs to the models and cannot be removed here. */
  readonly found: boolean
}

export interface LogApi {
  /** Logs found next to open checkpoints come first. */
  listLogs(): Promise<readonly TrainingLog[]>
  readLog(id: string): Promise<LogContents>
  /** Stores a TensorBoard event file or a fairseq train.log. Throws FormatError for anything else. */
  addLog(name: string, bytes: Uint8Array): Promise<TrainingLog>
  removeLog(id: string): Promise<void>
}

const log = z.instanceof(Uint8Array).refine(({ length }) => length <= MAX_HANDED_BYTES, 'too large')

export const LOG_CALLS: CallSchemas<LogApi> = {
  listLogs: z.tuple([]),
  readLog: z.tuple([LogIdSchema]),
  addLog: z.tuple([z.string().min(1).max(255), log]),
  removeLog: z.tuple([LogIdSchema]),
}
