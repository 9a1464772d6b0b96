// Entries of a codebook -> the nearest of each, by squared L2 distance or cosine, as a graph. N = query rows, K =
// entries, D = width.
import { GraphBuilder, type Graph, type Value } from '../graph/index.ts'

/** Prevents division by zero for a zero vector. */
const TINY = 1e-30

/**
 * Inputs `rows` f32 [N, D] and `entries` f32 [K, D]; outputs `index` i64 [N, count] and `distance` f32 [N, count],
 * nearest first: squared L2, or 1 - cosine. Memory: 4 N K bytes of scores.
 */
export function neighbours(D: number, count: number, by: 'l2' | 'cosine'): Graph {
  const g = new GraphBuilder(`neighbours_${by}`)
  const rows = g.input('rows', 'f32', ['N', D])
  const entries = g.input('entries', 'f32', ['K', D])
  const distances = by === 'l2' ? squaredDistances(g, rows, entries) : cosineDistances(g, rows, entries)
  const shape = ['N', count]
  const [distance, index] = g.nodes(
    'TopK',
    [distances, g.constant('i64', [count])],
    { axis: -1, largest: 0 },
    [
      { type: 'f32', shape },
      { type: 'i64', shape },
    ],
  ) as [Value, Value]
  g.output('distance', distance)
  g.output('index', index)
  return g.build()
}

/** |r|² + |e|² - 2 r·e, [N, K]; rounding may leave small negative values. */
function squaredDistances(g: GraphBuilder, rows: Value, entries: Value): Value {
  const squares = (x: Value, keep: boolean) => g.reduceSum(g.op('Mul', [x, x]), 1, keep)
  const scores = g.op('Gemm', [rows, entries, squares(entries, false)], { alpha: -2, transB: 1 })
  return g.op('Add', [scores, squares(rows, true)])
}

function cosineDistances(g: GraphBuilder, rows: Value, entries: Value): Value {
  const unit = (x: Value) =>
    g.op('Div', [x, g.op('Sqrt', [g.op('Add', [g.reduceSum(g.op('Mul', [x, x]), 1), g.scalar(TINY)])])])
  return g.op('Sub', [g.scalar(1), g.op('Gemm', [unit(rows), unit(entries)], { transB: 1 })])
}
