// Imported tokens -> a token data set: fairseq's `.codecs` and `generate-*.txt`, and the images of a run.
import { GRID_NAMES, type GridName } from '../../shared/grid/layout.ts'
import { APP } from '../../shared/app.ts'
import { RequestError } from '../../shared/errors.ts'
import type { ImportTokensSpec } from '../../shared/run/run.ts'
import { openTokenWriter, readTokenShards } from '../tokens/dataset/shards.ts'
import { scope, type Keep } from '../devices/scope.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { DATASET_RECORD, DatasetRecordSchema, type DatasetRecord } from '../records/token-dataset.ts'
import { openWorkFolder } from '../records/work-folder.ts'
import { originOf } from './token-origins.ts'

export async function runImportTokens(spec: ImportTokensSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => importTokens(spec, callbacks, keep))
}

async function importTokens(spec: ImportTokensSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  callbacks.progress(0, 1, 'reading tokens')
  const origin = await originOf(spec, keep)
  if (origin.count === 0) throw new RequestError(`${spec.source}: contains no tokens`)
  const folder = keep(await openWorkFolder(spec.out, DATASET_RECORD, DatasetRecordSchema, origin.recipe))
  const record: DatasetRecord = {
    schema: 1,
    app: `${APP.name} ${APP.version}`,
    recipe: origin.recipe,
    spec,
    root: origin.root,
    classNames: [],
    vocabulary: {},
    ...origin.codebooks,
    images: 0,
    started: folder.earlier?.started ?? new Date().toISOString(),
  }
  if (!folder.earlier) await folder.saveRecord(record)
  let images = 0
  for await (const rows of readTokenShards(spec.out, { grids: [] })) images += rows.length
  const writer = await openTokenWriter(spec.out)
  try {
    for await (const row of origin.rows(images)) {
      callbacks.signal.throwIfAborted()
      await writer.add([row])
      callbacks.progress(++images, origin.count, 'images')
    }
  } finally {
    await writer.flush()
  }
  const vocabulary = await vocabularyOf(spec.out, origin.codebooks?.vocabulary)
  await folder.saveRecord({ ...record, vocabulary, images, ended: new Date().toISOString() })
  return {
    finished: images,
    summary: `imported the tokens of ${images} images from ${spec.source} to ${spec.out}`,
  }
}

/** Entries of the codebook of each grid in the rows: where they are not known, at least the largest token plus one. */
async function vocabularyOf(
  folder: string,
  known: DatasetRecord['vocabulary'] = {},
): Promise<DatasetRecord['vocabulary']> {
  const largest = new Map<GridName, number>()
  for await (const rows of readTokenShards(folder, { grids: GRID_NAMES }))
    for (const row of rows)
      for (const grid of GRID_NAMES) {
        const tokens = row[grid]?.tokens
        if (tokens) largest.set(grid, largestOf(tokens, largest.get(grid) ?? 0))
      }
  return Object.fromEntries([...largest].map(([grid, token]) => [grid, known[grid] ?? token + 1]))
}

function largestOf(tokens: ArrayLike<number>, least: number): number {
  let largest = least
  for (let i = 0; i < tokens.length; i++) largest = Math.max(largest, tokens[i]!)
  return largest
}
