// Rows -> the nearest entry of a codebook by plain L2, as an ONNX subgraph.
// N = rows, D = width, K = codes.
import type { Dim, GraphBuilder, Value } from '../graph/index.ts'

export interface Nearest {
  /** i64 [N]: the first of equally near entries. */
  readonly index: Value
  /** f32 [N]: squared distance to that entry, summed from differences, so it is never negative. */
  readonly distance: Value
  /** f32 [N]: how much farther the second nearest entry is, in squared distance. */
  readonly margin: Value
}

/**
 * argmin over k of |c_k|² - 2 f·c_k, without |f|², which is the same for all k. `codebook` is [K, D], or [D, K] when
 * `transposed`. The scores take 4 N K bytes: 134 MB for 8 images (N = 2048) and K = 16384, 1 GiB for 64.
 */
export function nearest(g: GraphBuilder, rows: Value, codebook: Value, transposed = false): Nearest {
  const N = rows.shape[0] as Dim
  const along = transposed ? 0 : 1 // the axis of D
  const squares = g.reduceSum(g.op('Mul', [codebook, codebook]), along, false) // [K]
  const scores = g.op('Gemm', [rows, codebook, squares], { alpha: -2, transB: transposed ? 0 : 1 }) // [N, K]
  const [best, at] = g.nodes('TopK', [scores, g.constant('i64', [2])], { axis: -1, largest: 0 }, [
    { type: 'f32', shape: [N, 2] },
    { type: 'i64', shape: [N, 2] },
  ]) as [Value, Value]
  const index = g.reshape(g.slice(at, 1, 0, 1), [N])
  const margin = g.op('Sub', [g.slice(best, 1, 1, 2), g.slice(best, 1, 0, 1)])
  const found = g.op('Gather', [codebook, index], { axis: 1 - along }) // [N, D], or [D, N]
  const difference = g.op('Sub', [rows, transposed ? g.transpose(found, [1, 0]) : found])
  return {
    index,
    distance: g.reduceSum(g.op('Mul', [difference, difference]), 1, false),
    margin: g.reshape(margin, [N]),
  }
}
