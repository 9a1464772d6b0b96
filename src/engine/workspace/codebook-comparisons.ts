// Comparisons of codebooks in the workspace: comparisons/A--B/comparison.json, which runCodebooks writes.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { RequestError } from '../../shared/errors.ts'
import type { CodebookComparison, Matching } from '../../shared/atlas/codebooks.ts'
import type { CodebooksSpec } from '../../shared/run/run.ts'
import type { AtlasPair } from '../../shared/atlas/codebook-comparisons.ts'
import { ATLAS_RECORD, readAtlasRecord } from '../runs/atlas/atlas-files.ts'
import { readJsonFile } from '../records/json-file.ts'
import { readDatasetRecord } from '../records/token-dataset.ts'
import { askedOfAtlas, atlasFolder } from './atlases.ts'

export const comparisonFolder = (workspace: string, { a, b }: AtlasPair): string =>
  join(workspace, 'comparisons', `${a}--${b}`)
const resultPath = (workspace: string, pair: AtlasPair) =>
  join(comparisonFolder(workspace, pair), 'comparison.json')

/** Centroids are also matched if both codebooks use features of the same layer of the same encoder. */
export async function codebooksSpec(workspace: string, { a, b }: AtlasPair): Promise<CodebooksSpec> {
  if (a === b) throw new RequestError('cannot compare an atlas with itself')
  const [first, second] = [await sideOf(workspace, a), await sideOf(workspace, b)]
  const { encoder, layer } = first.recipe
  const isOneEncoder =
    first.tokens === 'discriminative' &&
    second.tokens === 'discriminative' &&
    encoder !== undefined &&
    encoder === second.recipe.encoder &&
    layer === second.recipe.layer
  return {
    kind: 'codebooks',
    out: comparisonFolder(workspace, { a, b }),
    device: 'auto',
    datasets: [first.dataset, second.dataset],
    ...(isOneEncoder ? { codebooks: [first.codebook, second.codebook] } : {}),
    tokens: first.tokens,
    secondTokens: second.tokens,
  }
}

async function sideOf(workspace: string, id: string) {
  const record = await readAtlasRecord(atlasFolder(workspace, id))
  if (!record?.info) throw new RequestError(`atlas '${id}': not found or not finished`)
  const { tokens, scale } = askedOfAtlas(id)
  if (scale !== undefined) throw new RequestError(`atlas '${id}': of one of several scales of a codebook`)
  const { recipe } = await readDatasetRecord(record.dataset)
  return {
    dataset: record.dataset,
    codebook: record.codebook.path,
    tokens,
    recipe: recipe as Readonly<Record<string, unknown>>,
  }
}

/** Undefined if there is none, or an atlas is newer. Throws FormatError for a damaged file. */
export async function readComparison(
  workspace: string,
  pair: AtlasPair,
): Promise<CodebookComparison | undefined> {
  const path = resultPath(workspace, pair)
  const times = await Promise.all(
    [path, ...[pair.a, pair.b].map((id) => join(atlasFolder(workspace, id), ATLAS_RECORD))].map(timeOf),
  )
  const [made = 0, ...atlases] = times
  if (made === 0 || atlases.some((time) => time === 0 || time > made)) return undefined
  const plain = await readJsonFile(path, PlainComparisonSchema)
  return plain && plainToComparison(plain)
}

const count = z.number().int().min(0)
const use = z.object({
  entries: count,
  used: count,
  perplexity: z.number(),
  quantisationError: z.number().exactOptional(),
})
const PlainComparisonSchema = z.object({
  images: count,
  a: use,
  b: use,
  normalisedMutualInformation: z.number(),
  adjustedMutualInformation: z.number().exactOptional(),
  matchings: z.array(
    z.object({
      by: z.enum(['overlap', 'nearest']),
      match: z.array(z.number().int().min(-1)),
      share: z.array(z.number().nullable()),
      mutual: count,
      agreement: z.number(),
    }),
  ),
})

const timeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )

/** JSON has no NaN: the share of an entry without cells is null there. */
const plainToComparison = ({
  matchings,
  ...rest
}: z.infer<typeof PlainComparisonSchema>): CodebookComparison => ({
  ...rest,
  matchings: matchings.map((matching): Matching => ({
    ...matching,
    match: Int32Array.from(matching.match),
    share: Float32Array.from(matching.share, (share) => share ?? NaN),
  })),
})
