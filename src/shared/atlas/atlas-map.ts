// UMAP layout of an atlas's codebook: computed on request in the background and stored with the atlas.
import * as z from 'zod'
import type { RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'

/** The layout [K, 2] if finished, otherwise its progress; neither if it was never requested. */
export interface AtlasMap {
  readonly plane?: Float32Array
  readonly status?: RunStatus
}

export interface MapApi {
  readMap(atlas: string): Promise<AtlasMap>
  /** Starts unless finished or running; `atlasMapChanged` reports progress. */
  startMap(atlas: string): Promise<void>
  cancelMap(atlas: string): Promise<void>
}
export interface MapEvents {
  atlasMapChanged(atlas: string, status: RunStatus): void
}
export const mapCalls = (atlas: z.ZodType<string>): CallSchemas<MapApi> => {
  const one = z.tuple([atlas])
  return { readMap: one, startMap: one, cancelMap: one }
}
