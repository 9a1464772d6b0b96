// The codebook of an atlas laid out by UMAP: computed when asked for, in the background, and kept with the atlas.
import { z } from 'zod'
import type { RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'

/** The plane [K, 2] once it is there, else how far it is; neither where nobody has asked for it. */
export interface AtlasMap {
  readonly plane?: Float32Array
  readonly status?: RunStatus
}

export interface MapApi {
  readMap(atlas: string): Promise<AtlasMap>
  /** Begins unless it is there or on its way; `atlasMapChanged` tells the rest. */
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
