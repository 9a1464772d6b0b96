// Features -> nearest neighbours by plain L2, in blocks, without a matrix of all pairs.
import { ranges, readMatrix, type FeatureRows } from './features.ts'
import { noPause, plainMatrixProduct, type Matrix, type Work } from './matrix.ts'

/** For each query its k nearest rows, nearest first: [queries, k]. */
export interface Neighbours {
  readonly k: number
  readonly index: Int32Array
  /** Squared L2. */
  readonly distance: Float64Array
}

/**
 * Visits the squared distances of every pair, block by block: `distance[i * columns + j]` is from query `row + i` to
 * row `column + j` of `set`.
 */
export async function forDistances(
  queries: FeatureRows,
  set: FeatureRows,
  { matrixProduct = plainMatrixProduct, pause = noPause }: Work,
  visit: (block: Matrix, row: number, column: number) => void,
): Promise<void> {
  if (queries.width !== set.width)
    throw new RangeError(`dimensions differ (${queries.width} and ${set.width})`)
  for (const [row, rowEnd] of ranges(queries.count)) {
    const x = await readMatrix(queries, row, rowEnd)
    const xx = squares(x)
    for (const [column, columnEnd] of ranges(set.count)) {
      await pause()
      const y = await readMatrix(set, column, columnEnd)
      const yy = squares(y)
      const block = await matrixProduct(x, y)
      const { data } = block
      for (let i = 0, at = 0; i < x.rows; i++)
        for (let j = 0; j < y.rows; j++, at++) data[at] = Math.max(0, xx[i]! + yy[j]! - 2 * data[at]!)
      visit(block, row, column)
    }
  }
}

/**
 * @param self the queries are the set itself, and a row is not its own neighbour. Throws RangeError for sets of fewer
 * than k rows.
 */
export async function nearestNeighbours(
  queries: FeatureRows,
  set: FeatureRows,
  k: number,
  { self = false, ...work }: Work & { readonly self?: boolean } = {},
): Promise<Neighbours> {
  const others = set.count - (self ? 1 : 0)
  if (k < 1 || others < k) throw new RangeError(`cannot find ${k} nearest neighbours among ${others} images`)
  const index = new Int32Array(queries.count * k).fill(-1)
  const distance = new Float64Array(queries.count * k).fill(Infinity)
  await forDistances(queries, set, work, (block, row, column) => {
    for (let i = 0; i < block.rows; i++) {
      const end = (row + i + 1) * k - 1 // the farthest kept one
      for (let j = 0; j < block.columns; j++) {
        const d = block.data[i * block.columns + j]!
        if (d >= distance[end]! || (self && row + i === column + j)) continue
        let at = end
        for (; at > end - k + 1 && distance[at - 1]! > d; at--) {
          distance[at] = distance[at - 1]!
          index[at] = index[at - 1]!
        }
        distance[at] = d
        index[at] = column + j
      }
    }
  })
  return { k, index, distance }
}

function squares({ rows, columns, data }: Matrix): Float64Array {
  const out = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    let sum = 0
    for (let k = i * columns; k < (i + 1) * columns; k++) sum += data[k]! * data[k]!
    out[i] = sum
  }
  return out
}
