// Sweeps of the workspace: requests and results.
import { WhereSchema, type Where } from '../slurm/submission.ts'
import * as z from 'zod'
import { PROTOCOL_NAMES, type ProtocolName } from '../evaluation/evaluation.ts'
import type { Floor } from '../evaluation/floor.ts'
import { RunIdSchema, SampleRequestSchema, type RunStatus, type SampleRequest } from '../run/run.ts'
import type { HowMeasured } from '../evaluation/how-measured.ts'
import type { KnownError } from '../evaluation/result-error.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { AXIS_NAMES, type AxisName } from './axes.ts'
import { SetSourceSchema } from '../evaluation/measurements.ts'

/** A curve with more points is not readable. */
const MOST_VALUES = 10_000

/** Axes of a request, at most so many, each with at most so many values. */
export const requestedAxes = (most: { readonly axes: number; readonly values: number }) =>
  z
    .array(
      z.object({
        name: z.enum(AXIS_NAMES as [AxisName, ...AxisName[]]),
        /** Numbers; checkpoints by file id, or by the sweep's own name for them. */
        values: z
          .array(z.union([z.number(), z.string().min(1).max(300)]))
          .min(1)
          .max(most.values),
      }),
    )
    .min(1)
    .max(most.axes)

export const SweepRequestSchema = z.object({
  base: SampleRequestSchema,
  axes: requestedAxes({ axes: 8, values: MOST_VALUES }),
  /** Absent: cells only have samples. */
  measure: z
    .object({
      reference: SetSourceSchema,
      protocol: z.enum(PROTOCOL_NAMES),
      size: z.number().int().min(1).max(4096).optional(),
      /** Jackknife error of each point's distance. Absent: none. */
      confidence: z.literal(true).optional(),
      /** Real images against other real images, as a line in the chart. Absent: none. */
      floor: z.literal(true).optional(),
    })
    .optional(),
})
export type SweepRequest = z.infer<typeof SweepRequestSchema>

export interface SweptAxis {
  readonly name: AxisName
  /** Checkpoints, under the sweep's own names. */
  readonly values: readonly (number | string)[]
}

export interface SweptCheckpoint {
  /** The last two parts of its path: `demo_stage1/checkpoint_last.pt`. */
  readonly name: string
  /** Finished epochs or updates, if the file says. */
  readonly epoch?: number
  readonly updates?: number
}

/** A sweep in the workspace folder. */
export interface WorkspaceSweep {
  readonly id: string
  /** ISO time. */
  readonly started: string
  /** All values of the cells, including those of earlier requests. */
  readonly axes: readonly SweptAxis[]
  readonly checkpoints: Readonly<Record<string, SweptCheckpoint>>
  /** Settings common to all cells. */
  readonly base: SampleRequest
  readonly measure?: {
    readonly protocol: ProtocolName
    /** Description without paths. */
    readonly reference: string
    readonly confidence?: true
  }
  readonly cells: number
  /** Cells with everything that was requested. */
  readonly finished: number
  readonly status: RunStatus
  /** Another process is working on it. */
  readonly elsewhere?: boolean
}

/** One cell. */
export interface SweepPoint {
  /** A run: its images are read like those of any other run. */
  readonly run: string
  readonly values: Readonly<Partial<Record<AxisName, number | string>>>
  /** Finished images. */
  readonly images: number
  /** Its latest measurement. */
  readonly measured?: MeasuredPoint
}

export interface MeasuredPoint extends HowMeasured {
  readonly results: Readonly<Record<string, number>>
  /** Points with different texts are not connected. */
  readonly protocol: string
  readonly n: number
  /** By the name of their result; results without a known error have none. */
  readonly errors: Readonly<Record<string, KnownError>>
  readonly floor?: Floor
}

export interface SweepContents {
  readonly sweep: WorkspaceSweep
  /** In the order in which cells are made. */
  readonly points: readonly SweepPoint[]
}

export interface SweepEstimate {
  readonly cells: number
  readonly images: number
  /** Transformer forward passes. */
  readonly passes: number
  /** Cells that are finished already. */
  readonly finished: number
  /** Remaining time; undefined if this machine's speed is unknown. */
  readonly seconds?: number
  /** The basis of the estimate, or why there is none. */
  readonly basis: string
}

export interface SweepApi {
  /** Newest first, including those of `digit sweep`. */
  listSweeps(): Promise<readonly WorkspaceSweep[]>
  readSweep(id: string): Promise<SweepContents>
  /** Cost of a sweep; `extended` names the one it would extend. Throws what `startSweep` would throw. */
  estimateSweep(request: SweepRequest, extended: string | null): Promise<SweepEstimate>
  /**
   * Queues a short trial run of the request, so that its time can be estimated; `sweepTried` reports when it
   * is over.
   */
  trySweep(request: SweepRequest): Promise<void>
  /** Queues a sweep, or more values and images of an existing one, and returns its id. */
  startSweep(request: SweepRequest, extended: string | null, where?: Where): Promise<string>
  /** Stops at the next chunk; finished work is kept. */
  cancelSweep(id: string): Promise<void>
  /** Resumes the last request. */
  resumeSweep(id: string): Promise<void>
  /** Moves it to the workspace's trash; `restoreSweep` restores it. */
  removeSweep(id: string): Promise<void>
  restoreSweep(id: string): Promise<void>
}

export interface SweepEvents {
  sweepChanged(sweep: WorkspaceSweep): void
  /** A cell has its samples and measurements. */
  sweepPoint(id: string, point: SweepPoint): void
  /** A trial run is over; `problem` says why it gave no estimate. */
  sweepTried(problem?: string): void
  sweepRemoved(id: string): void
}

const extended = RunIdSchema.nullable()

export const SWEEP_CALLS: CallSchemas<SweepApi> = {
  listSweeps: z.tuple([]),
  readSweep: z.tuple([RunIdSchema]),
  estimateSweep: z.tuple([SweepRequestSchema, extended]),
  trySweep: z.tuple([SweepRequestSchema]),
  startSweep: z.tuple([SweepRequestSchema, extended, WhereSchema.optional()]),
  cancelSweep: z.tuple([RunIdSchema]),
  resumeSweep: z.tuple([RunIdSchema]),
  removeSweep: z.tuple([RunIdSchema]),
  restoreSweep: z.tuple([RunIdSchema]),
}
