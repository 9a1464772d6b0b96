// Training logs: those beside the open checkpoints, and those that someone handed over.
import { z } from 'zod'
import { MAX_HANDED_BYTES } from '../contract/handed-pictures.ts'
import type { CallSchemas } from '../rpc/serve.ts'

/** Digits of a hash. */
export const LogIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'not a log id')

/** One tag of a log; arrays have one entry a line or event, in the order of the log. */
export interface LogSeries {
  readonly tag: string
  /** Updates, or lines where the log counts nothing. */
  readonly steps: Float64Array
  /** With their fractions; absent where the log does not say. */
  readonly epochs?: Float64Array
  readonly values: Float64Array
}

export interface TrainingLog {
  readonly id: string
  /** `demo_stage1/train.log`. */
  readonly name: string
  /** It lies with the models and is not ours to take away. */
  readonly found: boolean
}

export interface LogApi {
  /** Those found beside open checkpoints first. */
  listLogs(): Promise<readonly TrainingLog[]>
  readLog(id: string): Promise<readonly LogSeries[]>
  /** Keeps an event file of TensorBoard or a train.log of fairseq. Throws FormatError for anything else. */
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
