// Measurements of the workspace: what a page may ask of them, and what it is told.
import { z } from 'zod'
import { EvaluateSpecSchema, type ProtocolName, type Stamp } from './evaluation.ts'
import { ImageNumberSchema, RunIdSchema, type RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'

/** Digits of a hash of where a set lies. */
export const SetIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'not an image set id')
export const MeasurementIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'not a measurement id')
const EvaluationIdSchema = z.string().regex(/^[0-9a-f]{12}$/, 'not the id of a running or queued measurement')

/** Images, or statistics of images: the pictures of the demo, a run of the workspace, or what a person added. */
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
}).extend({ samples: SetSourceSchema, reference: SetSourceSchema })
export type EvaluateRequest = z.infer<typeof EvaluateRequestSchema>

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

/** The demo's pictures, or a folder of images, an ADM batch or a file of statistics that a person added. */
export interface ImageSetInfo {
  readonly source: SetSource
  /** Of the folder or file, without its place. */
  readonly name: string
  /** Statistics serve as a reference alone. */
  readonly kind: 'images' | 'statistics'
  /** Of statistics: those that lie beside them in the file, if any. */
  readonly images?: number
  /** Of the first image. */
  readonly width?: number
  readonly height?: number
  readonly hasClasses?: boolean
  /** Of statistics. */
  readonly dimensions?: number
  /** Lossy files, for example. */
  readonly notes: readonly string[]
  /** Why it cannot be measured now. */
  readonly problem?: string
}

/** A protocol, and whether it can be followed now. */
export interface ProtocolState {
  readonly name: ProtocolName
  /** One sentence. */
  readonly summary: string
  /** The network that features are taken with. */
  readonly extractor: 'inception' | 'dinov2'
  /** Its weights, where they are there. */
  readonly file?: { readonly name: string; readonly sha256: string }
  /** What is missing. */
  readonly missing?: string
}

/** What measuring would take. */
export interface EvaluationCost {
  readonly samples: ImagesToDo
  readonly reference: ImagesToDo
  /** At the speed this machine had with the same network the last time; absent before that is known. */
  readonly seconds?: number
}

export interface ImagesToDo {
  /** Of the set; 0 for statistics. */
  readonly images: number
  /** Whose features are not kept yet. */
  readonly left: number
}

/** A measurement on its way, or one that was left unfinished. */
export interface Evaluation {
  /** The same for the same request. */
  readonly id: string
  readonly request: EvaluateRequest
  readonly status: RunStatus
  /** Once it is done. */
  readonly measurement?: string
}

/** The real images nearest to each sample, in feature space; distances are L2. n samples, m real images. */
export interface NearestImages {
  /** Kept of every sample. */
  readonly k: number
  /** Places in the reference, nearest first: [n, k]. */
  readonly index: Int32Array
  /** [n, k] */
  readonly distance: Float32Array
  /** Of each real image to the nearest other one: [m]. */
  readonly real: Float32Array
}

/** How the search for nearest images stands. */
export interface NearestState {
  readonly measurement: string
  readonly status: RunStatus
}

export interface SetPicture {
  /** Of the file, from the set's folder down, or the row of a batch. */
  readonly name: string
  /** PNG, as it was measured. */
  readonly png: Uint8Array
}

export interface EvaluationApi {
  /** What can be measured, or measured against, besides the runs that the snapshot lists. */
  listImageSets(): Promise<readonly ImageSetInfo[]>
  /** Takes a set out of the list; its files and measurements stay. */
  removeImageSet(id: string): Promise<void>
  listProtocols(): Promise<readonly ProtocolState[]>
  /** Throws RequestError, FormatError or ModelError where it cannot be measured so. */
  estimateEvaluation(request: EvaluateRequest): Promise<EvaluationCost>
  /** Queues a measurement, or goes on with one that was stopped, and answers with its id. */
  startEvaluation(request: EvaluateRequest): Promise<string>
  /** Stops after the images at work; features that are taken are kept. */
  cancelEvaluation(id: string): Promise<void>
  /** Puts one away that was left unfinished. */
  dismissEvaluation(id: string): Promise<void>
  /** Those on their way, and those left unfinished. */
  listEvaluations(): Promise<readonly Evaluation[]>
  /** Every stored measurement of the workspace's runs and sets, newest first. */
  listMeasurements(): Promise<readonly Measurement[]>
  /** Takes a measurement out of the list, by a line of its own in the file: nothing is erased. */
  removeMeasurement(id: string): Promise<void>
  restoreMeasurement(id: string): Promise<void>
  /** Queues the search for the nearest real images; nothing happens where they are known. */
  startNearest(measurement: string): Promise<void>
  /** Undefined before they were looked for. Throws RequestError where a set has changed since. */
  readNearest(measurement: string): Promise<NearestImages | undefined>
  /** An image of a set by its place in it, as it was measured. */
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
  startEvaluation: z.tuple([EvaluateRequestSchema]),
  cancelEvaluation: z.tuple([EvaluationIdSchema]),
  dismissEvaluation: z.tuple([EvaluationIdSchema]),
  listEvaluations: z.tuple([]),
  listMeasurements: z.tuple([]),
  removeMeasurement: z.tuple([MeasurementIdSchema]),
  restoreMeasurement: z.tuple([MeasurementIdSchema]),
  startNearest: z.tuple([MeasurementIdSchema]),
  readNearest: z.tuple([MeasurementIdSchema]),
  readSetPicture: z.tuple([SetSourceSchema, ImageNumberSchema]),
}
