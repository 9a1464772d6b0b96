// The folder of a token data set, made by tokenizing pictures or importing tokens:
//   dataset.json                 recipe, root of the paths, classes, sizes of the vocabularies
//   tokens/000000.parquet ...    the rows
//   unreadable.txt               pictures that were skipped, and why
import { entriesOf, GRID_NAMES } from '../../shared/grid/layout.ts'
import { join } from 'node:path'
import * as z from 'zod'
import { RequestError } from '../../shared/errors.ts'
import { readTokenShards } from '../tokens/dataset/shards.ts'
import { readJsonFile } from './json-file.ts'
import { recordVersion } from './recipe.ts'

export const DATASET_RECORD = 'dataset.json'
export const UNREADABLE = 'unreadable.txt'

const count = z.number().int().min(1)

/** `dataset.json`. */
export const DatasetRecordSchema = z.object({
  schema: recordVersion,
  app: z.string(),
  /** Everything that determines the rows. */
  recipe: z.unknown(),
  /** The request, with defaults filled in. */
  spec: z.unknown(),
  /** Base folder of the paths in the rows. */
  root: z.string(),
  /** Names of the classes by number; empty if unknown. */
  classNames: z.array(z.string()),
  /** Codebook entries of each grid in the rows. */
  vocabulary: z.object({ discriminative: count.optional(), codes: count.optional() }),
  /** sha256 of the VQGAN of the codes, where the recipe does not have it. */
  vqgan: z.string().optional(),
  images: z.number().int().min(0),
  /** Mean squared distance of a patch's feature to its centroid, if known. */
  quantisationError: z
    .object({ discriminative: z.number().optional(), codes: z.number().optional() })
    .optional(),
  started: z.string(),
  ended: z.string().optional(),
})
export type DatasetRecord = z.infer<typeof DatasetRecordSchema>

/** Throws RequestError if the folder is not a token data set, FormatError if its record is damaged. */
export async function readDatasetRecord(folder: string): Promise<DatasetRecord> {
  const path = join(folder, DATASET_RECORD)
  const record = await readJsonFile(path, DatasetRecordSchema, path)
  if (!record) throw new RequestError(`${folder}: not a token data set (${DATASET_RECORD} is missing)`)
  return record
}

/** Codebook size of a layer. Throws RequestError if the data set has no tokens of this codebook. */
export function vocabularyOf({ vocabulary }: DatasetRecord, layer: string, folder: string): number {
  const found = vocabulary[entriesOf(layer)]
  if (found === undefined) throw new RequestError(`${folder}: no ${layer} tokens`)
  return found
}

/** sha256 of the codebook that a layer's tokens are entries of, if known. */
export function codebookOf({ recipe, vqgan }: DatasetRecord, layer: string): string | undefined {
  const { codebook, vqgan: made = vqgan } = recipe as { readonly codebook?: string; readonly vqgan?: string }
  return entriesOf(layer) === 'codes' ? made : codebook
}

/** Mean distance of the tokens of each grid that has distances. */
export async function meanDistances(
  folder: string,
): Promise<NonNullable<DatasetRecord['quantisationError']>> {
  const sums = new Map<string, { sum: number; count: number }>()
  for await (const rows of readTokenShards(folder, { grids: GRID_NAMES }))
    for (const row of rows)
      for (const grid of GRID_NAMES) {
        const { distances } = row[grid] ?? {}
        if (!distances) continue
        const so = sums.get(grid) ?? { sum: 0, count: 0 }
        for (let i = 0; i < distances.length; i++) so.sum += distances[i]!
        so.count += distances.length
        sums.set(grid, so)
      }
  return Object.fromEntries([...sums].map(([grid, { sum, count }]) => [grid, sum / count]))
}
