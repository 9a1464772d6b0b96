// This machine -> its memory bandwidth and speed of matrix products, measured in the same run for comparison.
import { cpus } from 'node:os'
import { GraphBuilder, graphToOnnx, type Graph, type Value } from '../../src/engine/graph/index.ts'
import { openSession, runtimeVersion, tensor, type Tensor } from '../../src/engine/session/index.ts'
import { inTurn } from './timing.ts'
import { digits, type Row } from './table.ts'

/** 1 GB in total: more than the caches, less than the limit of one allocation. */
const ROWS = 16_000
const COLUMNS = 16_384
const SIDE = 2048
const ROUNDS = 5

export interface Machine {
  /** Peak bytes per second that all cores together read from memory. */
  readonly bandwidth: number
  /** Floating point operations per second in a large matrix product. */
  readonly flops: number
}

export async function measureMachine(): Promise<{ machine: Machine; rows: Row[] }> {
  const { sums, product } = await measureMemory()
  const square = await bestTime(
    graphOf('square', (g) => {
      const x = g.input('x', 'f32', [SIDE, SIDE])
      return g.op('MatMul', [x, x])
    }),
    { x: filled([SIDE, SIDE]) },
  )
  const bandwidth = Math.max(sums, product)
  const flops = (2 * SIDE ** 3) / square
  const [{ model = 'unknown CPU' } = {}] = cpus()
  return {
    machine: { bandwidth, flops },
    rows: [
      {
        name: 'machine',
        text: `${model.trim()}, ${cpus().length} threads, onnxruntime ${runtimeVersion()}, node ${process.version}`,
        numbers: { threads: cpus().length },
      },
      {
        name: 'memory read (1 GB, all cores)',
        text: `${gigas(bandwidth)} GB/s (row sums ${gigas(sums)}, vector x matrix ${gigas(product)})`,
        numbers: { bandwidth },
      },
      { name: 'matrix product (2048 x 2048)', text: `${gigas(flops)} GFLOP/s`, numbers: { flops } },
    ],
  }
}

/** Bytes per second of row sums and of a vector-matrix product; the larger is the limit of the machine. */
export async function measureMemory(): Promise<{ sums: number; product: number }> {
  const matrix = filled([ROWS, COLUMNS])
  const x = (g: GraphBuilder) => g.input('x', 'f32', [ROWS, COLUMNS])
  const sums = await bestTime(
    graphOf('row_sums', (g) => g.reduceSum(x(g), 1)),
    { x: matrix },
  )
  const product = await bestTime(
    graphOf('vector_matrix', (g) => g.op('Gemm', [g.input('v', 'f32', [1, COLUMNS]), x(g)], { transB: 1 })),
    { x: matrix, v: filled([1, COLUMNS]) },
  )
  const bytes = 4 * ROWS * COLUMNS
  return { sums: bytes / sums, product: bytes / product }
}

function graphOf(name: string, y: (g: GraphBuilder) => Value): Graph {
  const g = new GraphBuilder(name)
  g.output('y', y(g))
  return g.build()
}

const gigas = (perSecond: number) => digits(perSecond / 1e9)

const filled = (dims: readonly [number, number]): Tensor =>
  tensor('f32', new Float32Array(dims[0] * dims[1]).fill(1e-3), dims)

/** Seconds of the fastest of a few runs. */
async function bestTime(graph: Graph, feeds: Record<string, Tensor>): Promise<number> {
  const session = await openSession(graphToOnnx(graph), { provider: 'cpu' })
  try {
    const [times] = await inTurn([() => session.run(feeds)], ROUNDS)
    return Math.min(...times!) / 1000
  } finally {
    await session.close()
  }
}
