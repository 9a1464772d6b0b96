// Points -> their nearest centroids, as a graph in which the centroids are an input: K-Means moves them every iteration.
// N = points, D = width, K = clusters.
import { GraphBuilder, type Graph } from '../graph/index.ts'

/**
 * Inputs `points` f32 [N, D], `centroids` f32 [K, D] and `squares` f32 [K], the centroids' squared lengths; outputs
 * `index` i32 [N], the first of equally near centroids, and `distance` f32 [N], squared and summed from differences.
 * Memory: 4 N K bytes of scores.
 */
export function assignment(D: number): Graph {
  const g = new GraphBuilder('assignment')
  const points = g.input('points', 'f32', ['N', D])
  const centroids = g.input('centroids', 'f32', ['K', D])
  const squares = g.input('squares', 'f32', ['K'])
  // |c|² - 2 p·c leaves out the |p|² that all centroids share.
  const scores = g.op('Gemm', [points, centroids, squares], { alpha: -2, transB: 1 }) // [N, K]
  const index = g.op('ArgMin', [scores], { axis: 1, keepdims: 0 }) // [N]
  const difference = g.op('Sub', [points, g.op('Gather', [centroids, index], { axis: 0 })])
  g.output('distance', g.reduceSum(g.op('Mul', [difference, difference]), 1, false))
  g.output('index', g.cast(index, 'i32'))
  return g.build()
}
