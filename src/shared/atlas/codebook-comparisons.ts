// Two atlases of the same pictures, by what their codebooks make of them: begun, followed, read.
import { z } from 'zod'
import type { CodebookComparison } from './codebooks.ts'
import type { RunStatus } from '../run/run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { AtlasIdSchema } from './atlases.ts'

/** The atlases of the first and the second codebook. */
export const AtlasPairSchema = z.object({ a: AtlasIdSchema, b: AtlasIdSchema })
export type AtlasPair = z.infer<typeof AtlasPairSchema>

/** How far a comparison is; it fails where the two are not of the same pictures, and says so. */
export interface ComparisonWork extends AtlasPair {
  readonly status: RunStatus
}

export interface CodebooksApi {
  /** Queues the comparison; one that is at work already goes on. */
  startCodebooks(pair: AtlasPair): Promise<void>
  cancelCodebooks(pair: AtlasPair): Promise<void>
  /** Undefined until it has been made, and after one of the atlases has been made again. */
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
