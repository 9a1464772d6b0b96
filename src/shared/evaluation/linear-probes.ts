// Linear probes of the workspace: requests and results.
import * as z from 'zod'
import { ProbeSpecSchema, ProbeTrainingSchema, type ProbedLayer, type ProbeTraining } from './linear-probe.ts'
import { RunIdSchema, type RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { SetSourceSchema } from './measurements.ts'

/** Pictures with classes, and how the classifiers are trained. */
export const ProbeRequestSchema = ProbeTrainingSchema.extend({
  device: ProbeSpecSchema.shape.device,
  images: SetSourceSchema,
})
export type ProbeRequest = z.infer<typeof ProbeRequestSchema>

export interface WorkspaceProbe {
  readonly id: string
  /** ISO time. */
  readonly started: string
  /** Description of the pictures, without a path. */
  readonly images: string
  readonly training: ProbeTraining
  /** sha256 of the probed stage 1; empty before it has been scanned. */
  readonly stage1: string
  /** K of the tokens, where the record says it. */
  readonly codes?: number
  /** Number of layers, without the embedding (layer 0). 0 until known. */
  readonly depth: number
  readonly counts?: { readonly train: number; readonly validation: number; readonly classes: number }
  /** Finished layers, from 0. */
  readonly layers: readonly ProbedLayer[]
  readonly status: RunStatus
  readonly elsewhere?: boolean
}

export interface ProbeApi {
  /** Newest first, including those of `digit linear-probe`. */
  listProbes(): Promise<readonly WorkspaceProbe[]>
  /** Queues a probe and returns its id. */
  startProbe(request: ProbeRequest): Promise<string>
  /** Stops at the next chunk; extracted features are kept. */
  cancelProbe(id: string): Promise<void>
  resumeProbe(id: string): Promise<void>
}

export interface ProbeEvents {
  probeChanged(probe: WorkspaceProbe): void
}

export const PROBE_CALLS: CallSchemas<ProbeApi> = {
  listProbes: z.tuple([]),
  startProbe: z.tuple([ProbeRequestSchema]),
  cancelProbe: z.tuple([RunIdSchema]),
  resumeProbe: z.tuple([RunIdSchema]),
}
