// Schemas for the arguments of each call, which come from outside the process.
import { GeneratorSettingsSchema } from '../generators/settings.ts'
import { LayerNameSchema } from '../grid/layout.ts'
import * as z from 'zod'
import type { EngineApi, HostApi } from './api.ts'
import { CopiedFilesSchema, COPY_PURPOSES, MAX_COPIED_FILES, PIECE_BYTES } from './copied-files.ts'
import { MAX_HANDED_BYTES, MAX_HANDED_PICTURES } from './handed-pictures.ts'
import { MODEL_ROLES } from '../models/models.ts'
import {
  AnyCellSchema,
  ImageNumberSchema as image,
  ImageRunIdSchema,
  ReconstructRequestSchema,
  RunIdSchema,
  RunNameSchema,
  SampleRequestSchema,
} from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { ATLAS_CALLS } from '../atlas/atlases.ts'
import { CODEBOOKS_CALLS } from '../atlas/codebook-comparisons.ts'
import { EVALUATION_CALLS, SetSourceSchema } from '../evaluation/measurements.ts'
import { EXPORT_CALLS, EXPORT_HOST_CALLS, type ExportHostApi } from '../run/exports.ts'
import { FIGURE_CALLS } from '../figures/figures.ts'
import { LOG_CALLS } from '../evaluation/training-logs.ts'
import { KMEANS_CALLS } from '../atlas/trained-codebooks.ts'
import { LIKELIHOOD_CALLS } from '../evaluation/likelihoods.ts'
import { PROBE_CALLS } from '../evaluation/linear-probes.ts'
import { SWEEP_CALLS } from '../sweep/sweeps.ts'
import { VERDICT_CALLS } from '../verdict/verdict.ts'
import { TOKEN_COLOUR_CALLS } from '../atlas/token-colours.ts'
import { WhereSchema } from '../slurm/submission.ts'
import { SLURM_CALLS } from '../slurm/slurm.ts'
import { TRASH_CALLS } from '../run/trash.ts'
import { REGION_CALLS } from '../atlas/regions.ts'
import { ATTENTION_CALLS } from '../run/attention.ts'

/** Ids of files and sources: digits of a hash, a prefix of tensor names, a number. */
const id = z.string().min(1).max(300)
const copy = z.string().regex(/^[0-9a-f]{32}$/, 'not a copy id')

const picture = z.instanceof(Uint8Array).refine(({ length }) => length <= MAX_HANDED_BYTES, 'too large')
const pictures = z
  .array(picture)
  .min(1)
  .max(MAX_HANDED_PICTURES)
  .refine(
    (all) => all.reduce((bytes, { length }) => bytes + length, 0) <= MAX_HANDED_BYTES,
    'too large in total',
  )
const pictureName = z.string().min(1).max(255)

export const ENGINE_CALLS: CallSchemas<EngineApi> = {
  snapshot: z.tuple([]),
  ping: z.tuple([]),
  startSample: z.tuple([SampleRequestSchema, WhereSchema.optional()]),
  startReconstruct: z.tuple([
    ReconstructRequestSchema,
    z.array(pictureName).min(1).max(MAX_HANDED_PICTURES),
    pictures,
  ]),
  startReconstructSet: z.tuple([ReconstructRequestSchema, SetSourceSchema]),
  cancelRun: z.tuple([RunIdSchema]),
  resumeRun: z.tuple([RunIdSchema]),
  keepRun: z.tuple([RunIdSchema]),
  renameRun: z.tuple([RunIdSchema, RunNameSchema]),
  removeRun: z.tuple([RunIdSchema]),
  restoreRun: z.tuple([RunIdSchema]),
  setFavourite: z.tuple([ImageRunIdSchema, image, z.boolean()]),
  listImages: z.tuple([ImageRunIdSchema]),
  readImage: z.tuple([ImageRunIdSchema, image]),
  readRecord: z.tuple([ImageRunIdSchema, image]),
  readSource: z.tuple([ImageRunIdSchema, image]),
  readPicture: z.tuple([pictureName, picture]),
  readTokens: z.tuple([ImageRunIdSchema, z.array(image).min(1).max(1000)]),
  readLogits: z.tuple([
    ImageRunIdSchema,
    image,
    LayerNameSchema,
    AnyCellSchema,
    GeneratorSettingsSchema.optional(),
  ]),
  readScalePicture: z.tuple([ImageRunIdSchema, image, z.number().int().min(1)]),
  reopenModels: z.tuple([]),
  readContents: z.tuple([id]),
  chooseModel: z.tuple([z.enum(MODEL_ROLES), id.nullable()]),
  useSource: z.tuple([id, z.boolean()]),
  removeSource: z.tuple([id]),
  undoOpening: z.tuple([]),
  startCopy: z.tuple([CopiedFilesSchema, z.enum(COPY_PURPOSES)]),
  copyPiece: z.tuple([
    copy,
    z.number().int().min(0).max(MAX_COPIED_FILES),
    z.number().int().min(0),
    z.instanceof(Uint8Array).refine((piece) => piece.length <= PIECE_BYTES, 'chunk too large'),
  ]),
  finishCopy: z.tuple([copy]),
  abandonCopy: z.tuple([copy]),
  surveyDevices: z.tuple([]),
  startSelfTest: z.tuple([]),
  cancelSelfTest: z.tuple([]),
  ...ATLAS_CALLS,
  ...REGION_CALLS,
  ...ATTENTION_CALLS,
  ...TOKEN_COLOUR_CALLS,
  ...CODEBOOKS_CALLS,
  ...EVALUATION_CALLS,
  ...FIGURE_CALLS,
  ...EXPORT_CALLS,
  ...SWEEP_CALLS,
  ...VERDICT_CALLS,
  ...TRASH_CALLS,
  ...SLURM_CALLS,
  ...LOG_CALLS,
  ...PROBE_CALLS,
  ...KMEANS_CALLS,
  ...LIKELIHOOD_CALLS,
}

const paths = z.array(z.string().min(1)).min(1).max(1000)

/** Calls of a host to an engine in another process. */
export type RemoteHostApi = EngineApi &
  ExportHostApi &
  Pick<HostApi, 'addModels' | 'addImages' | 'openWork' | 'leaveWork'>

export const REMOTE_HOST_CALLS: CallSchemas<RemoteHostApi> = {
  ...ENGINE_CALLS,
  ...EXPORT_HOST_CALLS,
  addModels: z.tuple([paths]),
  addImages: z.tuple([paths]),
  openWork: z.tuple([]),
  leaveWork: z.tuple([]),
}
