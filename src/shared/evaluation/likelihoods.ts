// Likelihoods of the workspace: requests and results.
import * as z from 'zod'
import { LikelihoodSpecSchema, type LikelihoodStage, type StageLikelihood } from './likelihood.ts'
import { RunIdSchema, type RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { SetSourceSchema } from './measurements.ts'

export const LikelihoodRequestSchema = LikelihoodSpecSchema.pick({ device: true, conditional: true }).extend({
  images: SetSourceSchema,
})
export type LikelihoodRequest = z.infer<typeof LikelihoodRequestSchema>

export interface WorkspaceLikelihood {
  readonly id: string
  /** ISO time. */
  readonly started: string
  /** Description of the images, without a path. */
  readonly images: string
  /** Stage 1 was given the classes. */
  readonly conditional: boolean
  /** 0 until known. */
  readonly count: number
  /** sha256 of the models that were used, by role. */
  readonly models: Readonly<Record<string, string>>
  /** Once finished. */
  readonly stages?: Readonly<Partial<Record<LikelihoodStage, StageLikelihood>>>
  readonly status: RunStatus
  readonly elsewhere?: boolean
}

export interface LikelihoodApi {
  /** Newest first, including those of `digit likelihood`. */
  listLikelihoods(): Promise<readonly WorkspaceLikelihood[]>
  /** Queues one and returns its id. */
  startLikelihood(request: LikelihoodRequest): Promise<string>
  /** Stops between two batches; scored images are kept. */
  cancelLikelihood(id: string): Promise<void>
  resumeLikelihood(id: string): Promise<void>
}

export interface LikelihoodEvents {
  likelihoodChanged(likelihood: WorkspaceLikelihood): void
}

export const LIKELIHOOD_CALLS: CallSchemas<LikelihoodApi> = {
  listLikelihoods: z.tuple([]),
  startLikelihood: z.tuple([LikelihoodRequestSchema]),
  cancelLikelihood: z.tuple([RunIdSchema]),
  resumeLikelihood: z.tuple([RunIdSchema]),
}
