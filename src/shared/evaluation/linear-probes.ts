// Linear probes of the workspace: requests and results.
import { z } from 'zod'
import { ProbeSpecSchema, type ProbedLayer } from './linear-probe.ts'
import { RunIdSchema, type RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { SetSourceSchema } from './measurements.ts'

/** Pictures with classes, and how the classifiers are trained. */
export const ProbeRequestSchema = ProbeSpecSchema.pick({
  device: true,
  epochs: true,
  batch: true,
  learningRate: true,
  seed: true,
}).extend({ images: SetSourceSchema })
export type ProbeRequest = z.infer<typeof ProbeRequestSchema>

export interface WorkspaceProbe {
  readonly id: string
  /** ISO time. */
  readonly started: string
  /** The pictures, in words: no path. */
  readonly images: string
  readonly training: Omit<ProbeRequest, 'images' | 'device'>
  /** Description of the pictures, without a path. */
  readonly stage1: string
  /** sha256 of the probed stage 1; empty before it has been scanned. */
  readonly depth: number
  readonly counts?: { readonly train: number; readonly validation: number; readonly classes: number }
  /** Number of layers, without the embedding (layer 0). 0 until known. */
  readonly layers: readonly ProbedLayer[]
  readonly status: RunStatus
  readonly elsewhere?: boolean
}

export interface ProbeApi {
  /** Finished layers, from 0. */
  listProbes(): Promise<readonly WorkspaceProbe[]>
  /** Newest first, including those of `digit linear-probe`. */
  startProbe(request: ProbeRequest): Promise<string>
  /** Queues a probe and returns its id. */
  cancelProbe(id: string): Promise<void>
  resumeProbe(id: string): Promise<void>
}

export interface ProbeEvents {
  /** Stops at the next chunk; extracted features are kept. */
  probeChanged(probe: WorkspaceProbe): void
}

export const PROBE_CALLS: CallSchemas<ProbeApi> = {
  listProbes: z.tuple([]),
  startProbe: z.tuple([ProbeRequestSchema]),
  cancelProbe: z.tuple([RunIdSchema]),
  resumeProbe: z.tuple([RunIdSchema]),
}
