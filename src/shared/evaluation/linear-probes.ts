// Linear probes of the workspace: what a page may ask of them, and what it is told.
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
  /** sha256 of the stage 1 that was probed; empty before it was looked at. */
  readonly stage1: string
  /** Of layers; the embedding before them, layer 0, is not counted. 0 before it is known. */
  readonly depth: number
  readonly counts?: { readonly train: number; readonly validation: number; readonly classes: number }
  /** Those that are done, from 0 on. */
  readonly layers: readonly ProbedLayer[]
  readonly status: RunStatus
  readonly elsewhere?: boolean
}

export interface ProbeApi {
  /** Newest first, those of `digit probe` included. */
  listProbes(): Promise<readonly WorkspaceProbe[]>
  /** Queues a probe and answers with its id. */
  startProbe(request: ProbeRequest): Promise<string>
  /** Stops at the next chunk; features that are taken are kept. */
  cancelProbe(id: string): Promise<void>
  resumeProbe(id: string): Promise<void>
}

export interface ProbeEvents {
  /** How it stands; with every layer that is done. */
  probeChanged(probe: WorkspaceProbe): void
}

export const PROBE_CALLS: CallSchemas<ProbeApi> = {
  listProbes: z.tuple([]),
  startProbe: z.tuple([ProbeRequestSchema]),
  cancelProbe: z.tuple([RunIdSchema]),
  resumeProbe: z.tuple([RunIdSchema]),
}
