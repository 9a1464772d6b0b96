// Sweeps of the workspace: what a page may ask of them, and what it is told.
import { z } from 'zod'
import { PROTOCOL_NAMES, type ProtocolName } from '../evaluation/evaluation.ts'
import { RunIdSchema, SampleRequestSchema, type RunStatus, type SampleRequest } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { AXIS_NAMES, type AxisName } from './axes.ts'
import { SetSourceSchema } from '../evaluation/measurements.ts'

/** More points make no curve that anyone reads. */
const MOST_VALUES = 10_000

export const SweepRequestSchema = z.object({
  base: SampleRequestSchema,
  axes: z
    .array(
      z.object({
        name: z.enum(AXIS_NAMES as [AxisName, ...AxisName[]]),
        /** Numbers; checkpoints by the id of their file, or by what the sweep itself calls them. */
        values: z
          .array(z.union([z.number(), z.string().min(1).max(300)]))
          .min(1)
          .max(MOST_VALUES),
      }),
    )
    .min(1)
    .max(8),
  /** Absent: the cells keep their samples alone. */
  measure: z
    .object({
      reference: SetSourceSchema,
      protocol: z.enum(PROTOCOL_NAMES),
      size: z.number().int().min(1).max(4096).optional(),
      /** Jackknife error of each point's distance. Absent: none. */
      confidence: z.literal(true).optional(),
    })
    .optional(),
})
export type SweepRequest = z.infer<typeof SweepRequestSchema>

export interface SweptAxis {
  readonly name: AxisName
  /** Checkpoints under names of the sweep's own. */
  readonly values: readonly (number | string)[]
}

export interface SweptCheckpoint {
  /** Its last two names: `demo_stage1/checkpoint_last.pt`. */
  readonly name: string
  /** Finished ones, where the file says. */
  readonly epoch?: number
  readonly updates?: number
}

/** A sweep in the workspace folder. */
export interface WorkspaceSweep {
  readonly id: string
  /** ISO time. */
  readonly started: string
  /** Every value that a cell has, those of earlier requests included. */
  readonly axes: readonly SweptAxis[]
  readonly checkpoints: Readonly<Record<string, SweptCheckpoint>>
  /** What all cells have in common. */
  readonly base: SampleRequest
  readonly measure?: {
    readonly protocol: ProtocolName
    /** In words: no path. */
    readonly reference: string
    readonly confidence?: true
  }
  readonly cells: number
  /** Cells that have all that was asked of them. */
  readonly finished: number
  readonly status: RunStatus
  /** Another process works on it. */
  readonly elsewhere?: boolean
}

/** One cell. */
export interface SweepPoint {
  /** A run: its images are read like any other's. */
  readonly run: string
  readonly values: Readonly<Partial<Record<AxisName, number | string>>>
  /** Finished images. */
  readonly images: number
  /** Its last measurement. */
  readonly measured?: MeasuredPoint
}

export interface MeasuredPoint {
  readonly results: Readonly<Record<string, number>>
  readonly metric: ProtocolName
  /** Points whose words differ are not joined. */
  readonly protocol: string
  readonly n: number
  /** Where the numbers are not what the protocol's name promises. */
  readonly badges: readonly string[]
  /** Jackknife error of the distance, where it was taken. */
  readonly error?: number
}

export interface SweepContents {
  readonly sweep: WorkspaceSweep
  /** In the order in which the cells are made. */
  readonly points: readonly SweepPoint[]
}

export interface SweepEstimate {
  readonly cells: number
  readonly images: number
  /** Passes through a transformer. */
  readonly passes: number
  /** Cells that are finished already. */
  readonly finished: number
  /** What is left to do; undefined where nothing tells how fast this machine is. */
  readonly seconds?: number
  /** Where that is from, or what is not known. */
  readonly basis: string
}

export interface SweepApi {
  /** Newest first, those of `digit sweep` included. */
  listSweeps(): Promise<readonly WorkspaceSweep[]>
  readSweep(id: string): Promise<SweepContents>
  /** What a sweep would cost; `extended` names one that it would extend. Throws what `startSweep` would. */
  estimateSweep(request: SweepRequest, extended: string | null): Promise<SweepEstimate>
  /** Queues a short try of the request, so that its time can be told; `sweepTried` says when it is over. */
  trySweep(request: SweepRequest): Promise<void>
  /** Queues a sweep, or more values and images of one that is there, and answers with its id. */
  startSweep(request: SweepRequest, extended: string | null): Promise<string>
  /** Stops at the next chunk; what is finished is kept. */
  cancelSweep(id: string): Promise<void>
  /** Goes on with what was last asked of it. */
  resumeSweep(id: string): Promise<void>
  /** Moves it to the workspace's trash, from where `restoreSweep` brings it back. */
  removeSweep(id: string): Promise<void>
  restoreSweep(id: string): Promise<void>
}

export interface SweepEvents {
  sweepChanged(sweep: WorkspaceSweep): void
  /** A cell has its samples and numbers. */
  sweepPoint(id: string, point: SweepPoint): void
  /** A try is over; `problem` says why it told nothing. */
  sweepTried(problem?: string): void
  sweepRemoved(id: string): void
}

const extended = RunIdSchema.nullable()

export const SWEEP_CALLS: CallSchemas<SweepApi> = {
  listSweeps: z.tuple([]),
  readSweep: z.tuple([RunIdSchema]),
  estimateSweep: z.tuple([SweepRequestSchema, extended]),
  trySweep: z.tuple([SweepRequestSchema]),
  startSweep: z.tuple([SweepRequestSchema, extended]),
  cancelSweep: z.tuple([RunIdSchema]),
  resumeSweep: z.tuple([RunIdSchema]),
  removeSweep: z.tuple([RunIdSchema]),
  restoreSweep: z.tuple([RunIdSchema]),
}
