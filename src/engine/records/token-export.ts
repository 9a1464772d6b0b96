// A token data set -> the text files of fairseq: `.codecs`, and `generate-*.txt` with log-probabilities.
import type { GridName } from '../../shared/grid/layout.ts'
import { RequestError } from '../../shared/errors.ts'
import { writeCodecs } from '../tokens/codecs.ts'
import type { GridRow } from '../tokens/dataset/rows.ts'
import { readDatasetRecord } from './token-dataset.ts'
import { readTokenShards } from '../tokens/dataset/shards.ts'
import { writeGenerateText, type GeneratedSample } from '../tokens/generate-text.ts'

/**
 * Writes one line per row, of codes of several scales all of them, and returns their number. Throws RequestError if the folder is not a token data set, has no
 * rows, or if a row lacks the grid.
 */
export async function exportCodecs(folder: string, grid: GridName, path: string): Promise<number> {
  const { samples, count } = counted(tokensOf(folder, grid))
  await writeCodecs(path, samples)
  return count()
}

/** Writes and counts likewise. Throws RequestError if a row lacks the grid or was not sampled. */
export async function exportGenerateText(folder: string, grid: GridName, path: string): Promise<number> {
  const { samples, count } = counted(samplesOf(folder, grid))
  await writeGenerateText(path, samples)
  return count()
}

function counted<T>(samples: AsyncIterable<T>): { samples: AsyncIterable<T>; count: () => number } {
  let count = 0
  const counting = async function* () {
    for await (const sample of samples) {
      count++
      yield sample
    }
  }
  return { samples: counting(), count: () => count }
}

async function* tokensOf(folder: string, grid: GridName): AsyncGenerator<ArrayLike<number>> {
  for await (const { found } of gridsOf(folder, grid)) yield found.tokens
}

async function* samplesOf(folder: string, grid: GridName): AsyncGenerator<Required<GeneratedSample>> {
  for await (const { id, found } of gridsOf(folder, grid)) {
    const { tokens, logProbabilities } = found
    if (!logProbabilities)
      throw new RequestError(`${folder}: image ${id} has no log-probabilities for its ${grid} tokens`)
    yield { id, tokens: Int32Array.from(tokens), logProbabilities: Float32Array.from(logProbabilities) }
  }
}

/** All scales of codes as one grid, since a picture is made from all. */
function oneAfterAnother(scales: readonly GridRow[]): GridRow {
  const all = (of: (row: GridRow) => ArrayLike<number> | undefined) =>
    scales.flatMap((row) => Array.from(of(row) ?? []))
  const [tokens, logProbabilities] = [all((row) => row.tokens), all((row) => row.logProbabilities)]
  return { tokens, ...(logProbabilities.length === tokens.length ? { logProbabilities } : {}) }
}

async function* gridsOf(folder: string, grid: GridName): AsyncGenerator<{ id: number; found: GridRow }> {
  await readDatasetRecord(folder)
  let id = 0
  for await (const rows of readTokenShards(folder, { grids: [grid] }))
    for (const row of rows) {
      const found = grid === 'codes' && row.scales ? oneAfterAnother(Object.values(row.scales)) : row[grid]
      if (!found) throw new RequestError(`${folder}: image ${id} has no ${grid} tokens`)
      yield { id: id++, found }
    }
  if (id === 0) throw new RequestError(`${folder}: contains no tokens`)
}
