// K-Means at the size of the release -> the fraction of the machine's peak that the assignment reaches, and the time of
// an iteration.
import { openAssigner } from '../../src/engine/runs/kmeans/assign.ts'
import { GraphBuilder, graphToOnnx } from '../../src/engine/graph/index.ts'
import { openSession, tensor } from '../../src/engine/session/index.ts'
import { digits, percent, type Row } from './table.ts'
import { inTurn } from './timing.ts'

const FULL = { K: 8192, D: 768, rounds: 5 }
const QUICK = { K: 1024, D: 128, rounds: 1 }
const MIN_SHARE = 0.7
/** faiss's cap: points per centroid. */
const POINTS_PER_CENTROID = 256
/** Batches of a pass: as in training, centroids are prepared once for many batches. */
const BATCHES = 8

/** Complete passes, sums included, in turn with bare matrix products of the same sizes. */
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
  const batches = async function* () {
    for (let i = 0; i < BATCHES; i++) yield points
  }
  const products = async () => {
    for (let i = 0; i < BATCHES; i++) await session.run(feeds)
  }
  const works = [products, () => assigner.assign(batches(), centroids)]
  await inTurn(works, 1)
  const [bare, pass] = (await inTurn(works, rounds)).map((times) => Math.min(...times))
  await session.close()
  await assigner.close()
  const all = BATCHES * N
  const flops = 2 * all * K * D
  const share = bare! / pass!
  const iteration = (pass! / all) * K * POINTS_PER_CENTROID
  return [
    {
      name: `assignment, K = ${K}, D = ${D}`,
      text: `${digits((1000 * all) / pass!)} points/s, ${digits(flops / pass! / 1e6)} GFLOP/s = ${percent(share)} of the matrix product of that size (${digits(flops / bare! / 1e6)} GFLOP/s)`,
      numbers: { rate: (1000 * all) / pass!, share },
      aims: [{ text: `>= ${percent(MIN_SHARE)}`, holds: share >= MIN_SHARE }],
    },
    {
      name: 'K-Means iteration',
      text: `${digits(iteration / 60_000)} min for ${K * POINTS_PER_CENTROID} points`,
      numbers: { iteration },
    },
  ]
}
