// Measurements of the workspace: requests and results.
import { WhereSchema, type Where } from '../slurm/submission.ts'
import * as z from 'zod'
import { EvaluateSpecSchema, type ProtocolName, type Stamp } from './evaluation.ts'
import { ImageNumberSchema, RunIdSchema, type RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import type { SetProblems } from './set-problems.ts'

/** Digits of a hash of the set's path. */
export const SetIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'not an image set id')
export const MeasurementIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'not a measurement id')
const EvaluationIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'not the id of a running or queued measurement')

/** Images or statistics of images: the demo pictures, a run of the workspace, or a set the user added. */
export const SetSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('demo') }),
  z.object({ kind: z.literal('run'), run: RunIdSchema }),
  z.object({ kind: z.literal('set'), set: SetIdSchema }),
])
export type SetSource = z.infer<typeof SetSourceSchema>

/** What is measured, against what, and how. */
export const EvaluateRequestSchema = EvaluateSpecSchema.pick({
  protocol: true,
  size: true,
  confidence: true,
  perClass: true,
  floor: true,
  isTrainingSet: true,
  skipUnreadable: true,
}).extend({ samples: SetSourceSchema, reference: SetSourceSchema, heldOut: SetSourceSchema.optional() })
export type EvaluateRequest = z.infer<typeof EvaluateRequestSchema>

/** A stored line of a `metrics.jsonl` of the workspace. */
export interface Measurement {
  /** The first 16 digits of the stamp's key. */
  readonly id: string
  readonly samples: SetSource
  /** Absent if the reference is not, or no longer, in the workspace. */
  readonly reference?: SetSource
  /** Files named without their folders. */
  readonly stamp: Stamp
}

/** The demo pictures, or a folder of images, an ADM batch or a statistics file that the user added. */
export interface ImageSetInfo {
  readonly source: SetSource
  /** Name of the folder or file, without its path. */
  readonly name: string
  /** Statistics can only be used as a reference. */
  readonly kind: 'images' | 'statistics'
  /** For statistics: the number of images stored with them, if any. */
  readonly images?: number
  /** Of the first image. */
  readonly width?: number
  readonly height?: number
  readonly hasClasses?: boolean
  /** Of statistics. */
  readonly dimensions?: number
  /** For example lossy files. */
  readonly notes: readonly string[]
  /** Why it cannot be measured at the moment. */
  readonly problem?: string
}

/** A protocol, and whether its requirements are met. */
export interface ProtocolState {
  readonly name: ProtocolName
  /** One sentence. */
  readonly summary: string
  /** The network that extracts the features. */
  readonly extractor: 'inception' | 'dinov2' | 'clip'
  /** Its weights, if available. */
  readonly file?: { readonly name: string; readonly sha256: string }
  /** What is missing. */
  readonly missing?: string
}

/** Estimated cost of a measurement. */
export interface EvaluationCost {
  readonly samples: ImagesToDo
  readonly reference: ImagesToDo
  /** Based on the last measured speed of the same network on this machine; absent until known. */
  readonly seconds?: number
}

export interface ImagesToDo {
  /** Of the set; 0 for statistics. */
  readonly images: number
  /** Images whose features are not cached yet. */
  readonly left: number
}

/** A running, queued or unfinished measurement. */
export interface Evaluation {
  /** Equal for equal requests. */
  readonly id: string
  readonly request: EvaluateRequest
  readonly status: RunStatus
  /** Present once finished. */
  readonly measurement?: string
  /** Why it failed, if the images of its sets are the reason. */
  readonly problems?: readonly SetProblems[]
}

/** The real images nearest to each sample, in feature space; distances are L2. n samples, m real images. */
export interface NearestImages {
  /** Number of nearest images per sample. */
  readonly k: number
  /** Indices into the reference, nearest first: [n, k]; -1 for a sample that was skipped. */
  readonly index: Int32Array
  /** [n, k], NaN for a sample that was skipped. */
  readonly distance: Float32Array
  /** From each real image to its nearest other real image: [m]. */
  readonly real: Float32Array
}

/** State of the nearest-neighbour search. */
export interface NearestState {
  readonly measurement: string
  readonly status: RunStatus
}

export interface SetPicture {
  /** Path within the set's folder, or the row of a batch. */
  readonly name: string
  /** PNG, as it was measured. */
  readonly png: Uint8Array
}

/** A record that is in no list because it cannot be read. */
export interface LeftOut {
  /** Relative to the workspace. */
  readonly file: string
  /** Of a file with a record per line. */
  readonly line?: number
  readonly problem: string
}

export interface EvaluationApi {
  /** Image sets that can be measured or used as a reference, besides the runs in the snapshot. */
  listImageSets(): Promise<readonly ImageSetInfo[]>
  /** Removes a set from the list; its files and measurements stay. */
  removeImageSet(id: string): Promise<void>
  listProtocols(): Promise<readonly ProtocolState[]>
  /** Throws RequestError, FormatError or ModelError if it cannot be measured this way. */
  estimateEvaluation(request: EvaluateRequest): Promise<EvaluationCost>
  /** Queues a measurement, or resumes one that was stopped, and returns its id. */
  startEvaluation(request: EvaluateRequest, where?: Where): Promise<string>
  /** Stops after the current batch; extracted features are kept. */
  cancelEvaluation(id: string): Promise<void>
  /** Dismisses an unfinished measurement. */
  dismissEvaluation(id: string): Promise<void>
  /** Running, queued and unfinished measurements. */
  listEvaluations(): Promise<readonly Evaluation[]>
  /** Every stored measurement of the workspace's runs and sets, newest first. */
  listMeasurements(): Promise<readonly Measurement[]>
  /** Records of the workspace that cannot be read, and why: measurements, sets, probes, atlases, favourites. */
  listLeftOut(): Promise<readonly LeftOut[]>
  /** Removes a measurement from the list by appending a line to its file: nothing is erased. */
  removeMeasurement(id: string): Promise<void>
  restoreMeasurement(id: string): Promise<void>
  /** Queues the search for the nearest real images; does nothing if they are known. */
  startNearest(measurement: string): Promise<void>
  /** Undefined before the search. Throws RequestError if a set has changed since. */
  readNearest(measurement: string): Promise<NearestImages | undefined>
  /** An image of a set by index, as it was measured. */
  readSetPicture(source: SetSource, image: number): Promise<SetPicture>
}

export interface EvaluationEvents {
  imageSetsChanged(sets: readonly ImageSetInfo[]): void
  evaluationChanged(evaluation: Evaluation): void
  evaluationDismissed(id: string): void
  measurementAdded(measurement: Measurement): void
  measurementRemoved(id: string): void
  nearestChanged(state: NearestState): void
}

export const EVALUATION_CALLS: CallSchemas<EvaluationApi> = {
  listImageSets: z.tuple([]),
  removeImageSet: z.tuple([SetIdSchema]),
  listProtocols: z.tuple([]),
  estimateEvaluation: z.tuple([EvaluateRequestSchema]),
  startEvaluation: z.tuple([EvaluateRequestSchema, WhereSchema.optional()]),
  cancelEvaluation: z.tuple([EvaluationIdSchema]),
  dismissEvaluation: z.tuple([EvaluationIdSchema]),
  listEvaluations: z.tuple([]),
  listMeasurements: z.tuple([]),
  listLeftOut: z.tuple([]),
  removeMeasurement: z.tuple([MeasurementIdSchema]),
  restoreMeasurement: z.tuple([MeasurementIdSchema]),
  startNearest: z.tuple([MeasurementIdSchema]),
  readNearest: z.tuple([MeasurementIdSchema]),
  readSetPicture: z.tuple([SetSourceSchema, ImageNumberSchema]),
}
