// What the arguments of each call must look like when they come from outside the process.
import { z } from 'zod'
import type { EngineApi, HostApi } from './api.ts'
import { SampleRequestSchema } from './run.ts'
import type { CallSchemas } from './rpc/serve.ts'

/** The name of a run folder: nothing that could lead elsewhere. */
export const RunIdSchema = z.string().regex(/^[A-Za-z0-9][\w.-]{0,127}$/, 'is no run id')
const image = z.number().int().min(0).max(9_999_999)

export const ENGINE_CALLS: CallSchemas<EngineApi> = {
  snapshot: z.tuple([]),
  startSample: z.tuple([SampleRequestSchema]),
  cancelRun: z.tuple([RunIdSchema]),
  listImages: z.tuple([RunIdSchema]),
  readImage: z.tuple([RunIdSchema, image]),
  readRecord: z.tuple([RunIdSchema, image]),
  reopenModels: z.tuple([]),
}

/** What a host asks of an engine in another process. */
export type RemoteHostApi = EngineApi & Pick<HostApi, 'openModels'>

export const REMOTE_HOST_CALLS: CallSchemas<RemoteHostApi> = {
  ...ENGINE_CALLS,
  openModels: z.tuple([z.array(z.string().min(1)).min(1).max(1000)]),
}
