// Verdicts: settings compared on the same seeds, with more images until it is clear which is better.
import * as z from 'zod'
import { PROTOCOL_NAMES, type ProtocolName } from '../evaluation/evaluation.ts'
import { SetSourceSchema } from '../evaluation/measurements.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { RunIdSchema, SampleRequestSchema, type RunStatus, type SampleRequest } from '../run/run.ts'
import type { AxisName } from '../sweep/axes.ts'
import { requestedAxes, type MeasuredPoint } from '../sweep/sweeps.ts'
import { LEAST_IMAGES, MOST_SETTINGS } from './looks.ts'
import { verdictFields, type DecidingMetric } from './spec.ts'

export const VerdictRequestSchema = z.object({
  /** `count` is the budget: the most images of each setting. */
  base: SampleRequestSchema.extend({ count: SampleRequestSchema.shape.count.min(LEAST_IMAGES) }),
  axes: requestedAxes({ axes: 3, values: MOST_SETTINGS }),
  measure: z.object({
    reference: SetSourceSchema,
    protocol: z.enum(PROTOCOL_NAMES),
    size: z.number().int().min(1).max(4096).optional(),
  }),
  by: verdictFields.by,
  minutes: verdictFields.minutes,
})
export type VerdictRequest = z.infer<typeof VerdictRequestSchema>

/** a - b of a distance, with the standard error and the interval of the look's level. */
export interface Compared {
  readonly difference: number
  readonly error: number
  readonly low: number
  readonly high: number
}

export interface Look {
  /** Images of each setting that is still compared. */
  readonly n: number
  /** Of each interval: 0.025 for the only pair of the first look. */
  readonly level: number
  readonly resamples: number
  /** All settings in their order; a setting that was beaten before keeps its last distance. */
  readonly settings: readonly {
    readonly name: string
    readonly fd: number
    /** KID without its part of the reference alone: only differences mean something. */
    readonly kid?: number
    /** A setting that is better for certain. */
    readonly beatenBy?: string
  }[]
  readonly pairs: readonly {
    readonly a: string
    readonly b: string
    readonly fd: Compared
    readonly kid?: Compared
  }[]
  /** Images made for this look, over all settings, and the seconds of this look with its measuring. */
  readonly images: number
  readonly seconds: number
  /** ISO time. */
  readonly at: string
}

const number = z.number()
const text = z.string()
const compared = z.object({ difference: number, error: number, low: number, high: number })
export const LookSchema: z.ZodType<Look> = z.object({
  n: number,
  level: number,
  resamples: number,
  settings: z
    .array(z.object({ name: text, fd: number, kid: number.exactOptional(), beatenBy: text.exactOptional() }))
    .min(2),
  pairs: z.array(z.object({ a: text, b: text, fd: compared, kid: compared.exactOptional() })),
  images: number,
  seconds: number,
  at: text,
})

export interface VerdictSetting {
  /** Of its cell. */
  readonly name: string
  /** `temperature 0.9`. */
  readonly words: string
  /** `0.9`, if only one setting varies. */
  readonly short: string
  /** Its images are read like those of a run. */
  readonly run: string
  readonly images: number
  /** Checkpoints under the sweep's own names. */
  readonly values: Readonly<Partial<Record<AxisName, number | string>>>
  /** By the protocol, after the last look. */
  readonly measured?: MeasuredPoint
}

/** A verdict of the workspace. */
export interface WorkspaceVerdict {
  readonly id: string
  /** ISO time. */
  readonly started: string
  readonly settings: readonly VerdictSetting[]
  readonly looks: readonly Look[]
  readonly by: DecidingMetric
  readonly protocol: ProtocolName
  /** Without its folder. */
  readonly reference: string
  /** What the settings share; `count` is the most images of each. */
  readonly base: SampleRequest
  readonly minutes?: number
  readonly status: RunStatus
  /** Another process is working on it. */
  readonly elsewhere?: boolean
}

export interface VerdictApi {
  /** Newest first. */
  listVerdicts(): Promise<readonly WorkspaceVerdict[]>
  /** Queues a verdict and returns its id. */
  startVerdict(request: VerdictRequest): Promise<string>
  /** Stops at the next chunk; images and looks are kept. */
  cancelVerdict(id: string): Promise<void>
  /** Resumes it; with a number, up to that many images of each setting and without a limit of time. */
  resumeVerdict(id: string, images: number | null): Promise<void>
  /** Moves it to the workspace's trash; `restoreVerdict` restores it. */
  removeVerdict(id: string): Promise<void>
  restoreVerdict(id: string): Promise<void>
}

export interface VerdictEvents {
  verdictChanged(verdict: WorkspaceVerdict): void
  verdictRemoved(id: string): void
}

export const VERDICT_CALLS: CallSchemas<VerdictApi> = {
  listVerdicts: z.tuple([]),
  startVerdict: z.tuple([VerdictRequestSchema]),
  cancelVerdict: z.tuple([RunIdSchema]),
  resumeVerdict: z.tuple([RunIdSchema, z.number().int().min(LEAST_IMAGES).max(10_000_000).nullable()]),
  removeVerdict: z.tuple([RunIdSchema]),
  restoreVerdict: z.tuple([RunIdSchema]),
}
