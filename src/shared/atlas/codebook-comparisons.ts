// Comparisons of two codebooks through two atlases of the same pictures: start, follow, read.
import * as z from 'zod'
import type { CodebookComparison } from './codebooks.ts'
import type { RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { AtlasIdSchema } from './atlases.ts'

/** The atlases of the first and the second codebook. */
export const AtlasPairSchema = z.object({ a: AtlasIdSchema, b: AtlasIdSchema })
export type AtlasPair = z.infer<typeof AtlasPairSchema>

/** Progress of a comparison; it fails, with a reason, if the two atlases have different pictures. */
export interface ComparisonWork extends AtlasPair {
  readonly status: RunStatus
}

export interface CodebooksApi {
  /** Queues the comparison; does nothing if it is already running. */
  startCodebooks(pair: AtlasPair): Promise<void>
  cancelCodebooks(pair: AtlasPair): Promise<void>
  /** Undefined until it has finished, and after one of the atlases has been recomputed. */
  readCodebooks(pair: AtlasPair): Promise<CodebookComparison | undefined>
}

export interface CodebooksEvents {
  codebooksChanged(work: ComparisonWork): void
}

export const CODEBOOKS_CALLS: CallSchemas<CodebooksApi> = {
  startCodebooks: z.tuple([AtlasPairSchema]),
  cancelCodebooks: z.tuple([AtlasPairSchema]),
  readCodebooks: z.tuple([AtlasPairSchema]),
}
