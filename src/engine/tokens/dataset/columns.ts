// A token data set on disk -> flat arrays in memory, for statistics over all of it.
import { entriesOf, type GridName } from '../../../shared/grid/layout.ts'
import { gridOfCells, type GridShape } from '../../../shared/grid/shape.ts'
import { FormatError, RequestError } from '../../../shared/errors.ts'
import type { TokenRow } from './rows.ts'
import { readTokenShards, tokenShards } from './shards.ts'

/** Image i has tokens[i * grid.cells] to tokens[(i + 1) * grid.cells - 1]. */
export interface TokenColumns {
  readonly images: number
  /** Grid of every image. */
  readonly grid: GridShape
  readonly tokens: Int32Array
  /** Distance of each token to its centroid; absent if any image lacks them. */
  readonly distances?: Float32Array
  /** Class of each image, -1 if it has none. */
  readonly classes: Int32Array
  /** Path of each image relative to the data set's root, empty if it has none. */
  readonly paths: readonly string[]
  /** sha256 of each image's file, empty if unknown. */
  readonly hashes: readonly string[]
}

/** One file's part of each column. */
interface Part {
  readonly tokens: Int32Array
  readonly distances: Float32Array | undefined
  readonly classes: Int32Array
}

/**
 * Throws FormatError for a token outside 0 to `vocabulary` - 1, RequestError if the data set is empty or any image
 * lacks the layer.
 */
export async function readTokenColumns(
  folder: string,
  layer: string,
  vocabulary: number,
  onShard: (done: number, of: number) => void = () => {},
): Promise<TokenColumns> {
  const shards = await tokenShards(folder)
  const parts: Part[] = []
  const paths: string[] = []
  const hashes: string[] = []
  let cells: number | undefined
  for await (const rows of readTokenShards(folder, { grids: [entriesOf(layer)] })) {
    const grids = rows.map((row) => gridOf(row, layer))
    cells ??= grids[0]?.tokens.length
    const tokens = new Int32Array(rows.length * (cells ?? 0))
    const hasDistances = grids.every((grid) => grid?.distances)
    const distances = hasDistances ? new Float32Array(tokens.length) : undefined
    for (const [i, row] of rows.entries()) {
      const found = grids[i]
      if (!found)
        throw new RequestError(`${shards[parts.length]}: image ${paths.length} has no ${layer} tokens`)
      if (found.tokens.length !== cells)
        throw new RequestError(
          `${shards[parts.length]}: image ${paths.length}: other grid than the images before (found ${found.tokens.length} ${layer} tokens, expected ${cells})`,
        )
      tokens.set(found.tokens, i * cells)
      distances?.set(found.distances!, i * cells)
      paths.push(row.path ?? '')
      hashes.push(row.sha256 ?? '')
    }
    const bad = tokens.find((token) => !(token >= 0 && token < vocabulary))
    if (bad !== undefined)
      throw new FormatError(
        shards[parts.length]!,
        `column '${layer}': token out of range (found ${bad}, the codebook has ${vocabulary} entries)`,
      )
    parts.push({ tokens, distances, classes: Int32Array.from(rows, (row) => row.class ?? -1) })
    onShard(parts.length, shards.length)
  }
  if (cells === undefined) throw new RequestError(`${folder}: contains no tokens`)
  const distances = parts.flatMap((part) => part.distances ?? [])
  return {
    images: paths.length,
    grid: gridOfCells(cells),
    tokens: joined(
      new Int32Array(paths.length * cells),
      parts.map((part) => part.tokens),
    ),
    classes: joined(
      new Int32Array(paths.length),
      parts.map((part) => part.classes),
    ),
    ...(distances.length === parts.length
      ? { distances: joined(new Float32Array(paths.length * cells), distances) }
      : {}),
    paths,
    hashes,
  }
}

const gridOf = (row: TokenRow, layer: string) => row[layer as GridName] ?? row.scales?.[layer]

function joined<T extends Int32Array | Float32Array>(whole: T, parts: readonly T[]): T {
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
