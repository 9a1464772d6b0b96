// K-Means at the release's size -> how much of the machine's arithmetic the assignment reaches, and an iteration's time.
import { openAssigner } from '../../src/engine/runs/assign.ts'
import { GraphBuilder, graphToOnnx } from '../../src/engine/graph/index.ts'
import { openSession, tensor } from '../../src/engine/session/index.ts'
import { digits, percent, type Row } from './table.ts'
import { inTurn } from './timing.ts'

const FULL = { K: 8192, D: 768, rounds: 5 }
const QUICK = { K: 1024, D: 128, rounds: 1 }
const MIN_SHARE = 0.7
/** faiss's cap: points a centroid. */
const POINTS_PER_CENTROID = 256

/** The assignment beside the bare matrix product of the same sizes, in turn. */
export async function measureKMeans(quick: boolean): Promise<Row[]> {
  const { K, D, rounds } = quick ? QUICK : FULL
  const assigner = await openAssigner(D, K, 'cpu')
  const N = assigner.batch
  const filled = (n: number) => Float32Array.from({ length: n }, (_, i) => ((i * 2654435761) % 1000) / 1000)
  const [points, centroids] = [filled(N * D), filled(K * D)]
  const g = new GraphBuilder('product')
  const product = g.op('Gemm', [g.input('x', 'f32', [N, D]), g.input('c', 'f32', [K, D])], { transB: 1 })
  g.output('y', g.slice(product, 1, 0, 1))
  const session = await openSession(graphToOnnx(g.build()), { provider: 'cpu' })
  const feeds = { x: tensor('f32', points, [N, D]), c: tensor('f32', centroids, [K, D]) }
  const once = async function* () {
    yield points
  }
  const works = [
    () => session.run(feeds),
    () => assigner.nearest(points, centroids),
    () => assigner.assign(once(), centroids),
  ]
  await inTurn(works, 1)
  const [bare, nearest, pass] = (await inTurn(works, rounds)).map((times) => Math.min(...times))
  await session.close()
  await assigner.close()
  const flops = 2 * N * K * D
  const share = bare! / nearest!
  const iteration = (pass! / N) * K * POINTS_PER_CENTROID
  return [
    {
      name: `assignment, K = ${K}, D = ${D}`,
      text: `${digits((1000 * N) / nearest!)} points/s, ${digits(flops / nearest! / 1e6)} GFLOP/s = ${percent(share)} of the matrix product of that size (${digits(flops / bare! / 1e6)} GFLOP/s)`,
      numbers: { rate: (1000 * N) / nearest!, share },
      aims: [{ text: `>= ${percent(MIN_SHARE)}`, holds: share >= MIN_SHARE }],
    },
    {
      name: 'K-Means iteration',
      text: `${digits(pass!)} ms for ${N} points with their sums; ${digits(iteration / 60_000)} min for ${K * POINTS_PER_CENTROID}`,
      numbers: { pass: pass!, iteration },
    },
  ]
}
