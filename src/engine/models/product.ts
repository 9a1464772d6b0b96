// y = x W^T + b for rows x [R, in] and a weight [out, in] as in PyTorch, written in two ways.
import type { GraphBuilder, Value } from '../graph/index.ts'

export type Product = (g: GraphBuilder, x: Value, weight: Value, bias?: Value) => Value

/** A matrix product in tiles of about 32 rows and columns: right for a GPU, whose threads share what a tile reads. */
export const tiledProduct: Product = (g, x, weight, bias) =>
  g.op('Gemm', bias ? [x, weight, bias] : [x, weight], { transB: 1 })

/**
 * A thread for each output, which shares nothing. A driver in software runs the threads of a tile one after another, and
 * all of them also for a single row: there this is about 15 times as fast for one row, and as fast for 16.
 */
export const separateProduct: Product = (g, x, weight, bias) => {
  const rows = [{ type: x.type, shape: [x.shape[0]!, weight.shape[0]!] }]
  const y = g.nodes('Einsum', [x, weight], { equation: 'ri,oi->ro' }, rows)[0]!
  return bias ? g.op('Add', [y, bias]) : y
}
