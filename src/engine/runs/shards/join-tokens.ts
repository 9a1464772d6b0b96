// Token data sets of the shards -> the rows of the whole, in the order of the pictures.
import { GRID_NAMES } from '../../../shared/grid/layout.ts'
import { openTokenWriter, readTokenShards } from '../../tokens/dataset/shards.ts'
import { rowsByPath } from '../tokenize-pictures.ts'

/**
 * Adds the rows that `out` does not have yet. Then tokenizing the whole to `out` finds every picture done, and writes
 * what belongs to all of them.
 * @param parts folders of the shards, in order
 */
export async function joinTokens(out: string, parts: readonly string[]): Promise<void> {
  const done = await rowsByPath(out)
  const writer = await openTokenWriter(out)
  for (const part of parts)
    for await (const rows of readTokenShards(part, { grids: GRID_NAMES }))
      await writer.add(rows.filter(({ path = '' }) => !done.has(path)))
  await writer.flush()
}
