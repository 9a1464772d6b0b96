// What the arguments of each call must look like when they come from outside the process.
import { z } from 'zod'
import type { EngineApi, HostApi } from './api.ts'
import {
  ImageNumberSchema as image,
  ReconstructRequestSchema,
  RunIdSchema,
  SampleRequestSchema,
} from './run.ts'
import type { CallSchemas } from './rpc/serve.ts'

/** Pictures handed over in one call; they travel in one frame. */
const MAX_PICTURES = 16

export const ENGINE_CALLS: CallSchemas<EngineApi> = {
  snapshot: z.tuple([]),
  startSample: z.tuple([SampleRequestSchema]),
  startReconstruct: z.tuple([
    ReconstructRequestSchema,
    z.array(z.string().min(1).max(255)).min(1).max(MAX_PICTURES),
    z.array(z.instanceof(Uint8Array)).min(1).max(MAX_PICTURES),
  ]),
  cancelRun: z.tuple([RunIdSchema]),
  resumeRun: z.tuple([RunIdSchema]),
  keepRun: z.tuple([RunIdSchema]),
  removeRun: z.tuple([RunIdSchema]),
  restoreRun: z.tuple([RunIdSchema]),
  setFavourite: z.tuple([RunIdSchema, image, z.boolean()]),
  listImages: z.tuple([RunIdSchema]),
  readImage: z.tuple([RunIdSchema, image]),
  readRecord: z.tuple([RunIdSchema, image]),
  readSource: z.tuple([RunIdSchema, image]),
  readPicture: z.tuple([z.string().min(1).max(255), z.instanceof(Uint8Array)]),
  readTokens: z.tuple([RunIdSchema, z.array(image).min(1).max(1000)]),
  readLogits: z.tuple([
    RunIdSchema,
    image,
    z.enum(['discriminative', 'codes']),
    z.number().int().min(0).max(255),
  ]),
  reopenModels: z.tuple([]),
}

/** What a host asks of an engine in another process. */
export type RemoteHostApi = EngineApi & Pick<HostApi, 'openModels'>

export const REMOTE_HOST_CALLS: CallSchemas<RemoteHostApi> = {
  ...ENGINE_CALLS,
  openModels: z.tuple([z.array(z.string().min(1)).min(1).max(1000)]),
}
