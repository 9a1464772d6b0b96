// Colors and labels of the codebooks in use: what pages and figures need to show tokens with a meaning.
import { GridNameSchema, type GridName } from '../grid/layout.ts'
import * as z from 'zod'
import type { ClusterLabel } from './cluster-labels.ts'
import type { CallSchemas } from '../rpc/serve.ts'

/** Colors of every entry of a codebook, sRGB [entries * 3]. */
export interface TokenColours {
  /** sha256 of the file that the codebook is in. */
  readonly codebook: string
  readonly entries: number
  /** sha256 of all open models: tokens of images that were made with others mean something else. */
  readonly models: readonly string[]
  /** Similar entries have similar colors. */
  readonly meaning: Uint8Array
  /** Mean color of the patches in the atlas of this codebook that has most cells. */
  readonly appearance?: Uint8Array
  /** Why there is no `appearance`: a sentence. */
  readonly lacks?: string
}

export interface TokenColoursApi {
  /** Of the open K-Means codebook, or for `codes` of the open VQGAN. Rejects if there is none. */
  readTokenColours(tokens: GridName): Promise<TokenColours>
  /** Labels of the same codebook, with or without an atlas of it. */
  readCodebookLabels(tokens: GridName): Promise<readonly ClusterLabel[]>
}

export const TOKEN_COLOUR_CALLS: CallSchemas<TokenColoursApi> = {
  readTokenColours: z.tuple([GridNameSchema]),
  readCodebookLabels: z.tuple([GridNameSchema]),
}
