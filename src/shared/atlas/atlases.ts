// Atlases of the workspace: requests and results.
import { WhereSchema, type Where } from '../slurm/submission.ts'
import { GridNameSchema, scaleName, type GridName } from '../grid/layout.ts'
import * as z from 'zod'
import type { AtlasEntry, AtlasInfo, AtlasTable, Example, JudgedUsage } from './atlas.ts'
import { mapCalls, type MapApi, type MapEvents } from './atlas-map.ts'
import { labelCalls, type LabelApi, type LabelEvents } from './cluster-labels.ts'
import { findCalls, type FindApi } from './find-clusters.ts'
import { ImageNumberSchema, type RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { SetSourceSchema } from '../evaluation/measurements.ts'

/** The pictures of the demo, a folder of pictures that was added, or the images of a run of the workspace. */
export const AtlasRequestSchema = z.object({
  source: SetSourceSchema,
  tokens: GridNameSchema,
  /** Of codes in several scales, the one with these cells along a side. @default the finest */
  scale: z.number().int().min(1).max(64).optional(),
  /**
   * Another codebook, by the first 8 digits of the sha256 of an open file: clusters of the demo pictures by another K-Means,
   * or codes of pictures by the tokenizer of another generator.
   */
  otherCodebook: z
    .string()
    .regex(/^[0-9a-f]{8}$/, 'not a codebook id')
    .optional(),
})
export type AtlasRequest = z.infer<typeof AtlasRequestSchema>
/** What an atlas is of, beside its images. */
export type AskedTokens = Pick<AtlasRequest, 'tokens' | 'scale' | 'otherCodebook'>

/** The layer of its tokens. */
export const askedLayer = ({ tokens, scale }: Pick<AtlasRequest, 'tokens' | 'scale'>): string =>
  scale === undefined ? tokens : scaleName(scale)

/** `demo.1f00ba44-discriminative`, `20261123-044438-5f0c-codes`, `20261123-044438-5f0c-scale_13`: also the name of the atlas's folder. */
export const AtlasIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,127}-(discriminative|codes|scale_\d{1,2})$/, 'not an atlas id')

/** Maximum number of entries per `readExamples` call. */
export const MAX_EXAMPLE_ENTRIES = 200

/** An atlas in the workspace folder. */
export interface WorkspaceAtlas {
  readonly id: string
  readonly source: AtlasRequest['source']
  readonly tokens: GridName
  readonly scale?: number | undefined
  /** As requested. */
  readonly otherCodebook?: string | undefined
  /** Its state; an atlas that an earlier session started and did not finish counts as cancelled. */
  readonly status: RunStatus
  /** Present once finished. */
  readonly info?: AtlasInfo
  /** sha256 of the codebook's file, once finished. */
  readonly codebook?: string
  /** The first pictures that were skipped because they could not be read, and why. */
  readonly unreadable?: { readonly count: number; readonly first: readonly string[] }
}

/** The table of an atlas, and the totals its shares refer to. */
export interface AtlasContents {
  readonly info: AtlasInfo
  readonly table: AtlasTable
}

/** The usage of one codebook in two atlases. */
export interface AtlasComparison {
  readonly usage: JudgedUsage
  /** The totals and cells per cluster of the other atlas. */
  readonly info: AtlasInfo
  readonly cells: Uint32Array
}

export interface AtlasApi extends MapApi, LabelApi, FindApi {
  /** All atlases in the workspace and those in progress, finished ones first. */
  listAtlases(): Promise<readonly WorkspaceAtlas[]>
  /** Queues tokenization and statistics of these images and returns the atlas's id; finished work is kept. */
  startAtlas(request: AtlasRequest, where?: Where): Promise<string>
  /** Stops at the next chunk; finished work is kept. */
  cancelAtlas(id: string): Promise<void>
  readAtlas(id: string): Promise<AtlasContents>
  /** Everything about one entry of the codebook. */
  readCluster(id: string, entry: number): Promise<AtlasEntry>
  /** The nearest `count` cells of each of these entries; fewer if an entry has fewer. */
  readExamples(
    id: string,
    entries: readonly number[],
    count: number,
  ): Promise<readonly (readonly Example[])[]>
  /** An image of the atlas as the encoder was given it: a square PNG, a whole number of pixels a cell. */
  readAtlasPicture(id: string, image: number): Promise<Uint8Array>
  /** Usage in this atlas (real) and in another of the same codebook (generated). */
  readComparison(id: string, other: string): Promise<AtlasComparison>
}

export interface AtlasEvents extends MapEvents, LabelEvents {
  atlasChanged(atlas: WorkspaceAtlas): void
}

const entry = z
  .number()
  .int()
  .min(0)
  .max(2 ** 24)

export const ATLAS_CALLS: CallSchemas<AtlasApi> = {
  listAtlases: z.tuple([]),
  startAtlas: z.tuple([AtlasRequestSchema, WhereSchema.optional()]),
  cancelAtlas: z.tuple([AtlasIdSchema]),
  readAtlas: z.tuple([AtlasIdSchema]),
  readCluster: z.tuple([AtlasIdSchema, entry]),
  readExamples: z.tuple([
    AtlasIdSchema,
    z.array(entry).min(1).max(MAX_EXAMPLE_ENTRIES),
    z.number().int().min(1).max(12),
  ]),
  readAtlasPicture: z.tuple([AtlasIdSchema, ImageNumberSchema]),
  readComparison: z.tuple([AtlasIdSchema, AtlasIdSchema]),
  ...mapCalls(AtlasIdSchema),
  ...labelCalls(AtlasIdSchema),
  ...findCalls(AtlasIdSchema),
}
