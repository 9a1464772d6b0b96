// K-Means codebooks that are trained in the workspace: requests and results.
import * as z from 'zod'
import { SetSourceSchema } from '../evaluation/measurements.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { KMeansSpecSchema, RunIdSchema, type RunStatus } from '../run/run.ts'
import { WhereSchema, type Where } from '../slurm/submission.ts'

/** Other settings are those of the release. */
export const KMeansRequestSchema = KMeansSpecSchema.pick({ k: true, iterations: true, device: true }).extend({
  images: SetSourceSchema,
})
export type KMeansRequest = z.infer<typeof KMeansRequestSchema>

export interface TrainedCodebook {
  readonly id: string
  /** ISO time. */
  readonly started: string
  /** Description of the pictures, without a path. */
  readonly images: string
  readonly k: number
  readonly iterations: number
  readonly status: RunStatus
  /** Once finished. */
  readonly result?: {
    /** Mean squared distance of a feature to its centroid. */
    readonly quantisationError: number
    /** Features that it was trained on. */
    readonly points: number
    /** Clusters without features. */
    readonly dead: number
  }
}

export interface KMeansApi {
  /** Newest first. */
  listTrainedCodebooks(): Promise<readonly TrainedCodebook[]>
  /** Queues the training and returns its id. */
  startKMeans(request: KMeansRequest, where?: Where): Promise<string>
  /** Stops after an iteration; it is kept. */
  cancelKMeans(id: string): Promise<void>
  /** Where it ran before. */
  resumeKMeans(id: string): Promise<void>
  /** Adds the finished codebook to the open models. */
  openTrainedCodebook(id: string): Promise<void>
}

export interface KMeansEvents {
  kmeansChanged(codebook: TrainedCodebook): void
}

export const KMEANS_CALLS: CallSchemas<KMeansApi> = {
  listTrainedCodebooks: z.tuple([]),
  startKMeans: z.tuple([KMeansRequestSchema, WhereSchema.optional()]),
  cancelKMeans: z.tuple([RunIdSchema]),
  resumeKMeans: z.tuple([RunIdSchema]),
  openTrainedCodebook: z.tuple([RunIdSchema]),
}
