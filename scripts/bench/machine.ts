// This machine -> how fast its memory is read and how fast it multiplies, in this very run: what the rest is held against.
import { cpus } from 'node:os'
import { GraphBuilder, graphToOnnx, type Graph } from '../../src/engine/graph/index.ts'
import { openSession, runtimeVersion, tensor, type Tensor } from '../../src/engine/session/index.ts'
import { inTurn } from './timing.ts'
import { digits, type Row } from './table.ts'

/** Together 1 GB: more than caches hold, less than one allocation may have. */
const ROWS = 16_000
const COLUMNS = 16_384
const SIDE = 2048
const ROUNDS = 5

export interface Machine {
  /** Bytes a second that all cores together read from memory at best. */
  readonly bandwidth: number
  /** Floating point operations a second in a large matrix product. */
  readonly flops: number
}

/** Reading is timed as row sums and as a vector-matrix product; the faster one is what the machine can do. */
export async function measureMachine(): Promise<{ machine: Machine; rows: Row[] }> {
  const read = (name: string, y: (g: GraphBuilder) => void) => {
    const g = new GraphBuilder(name)
    y(g)
    return g.build()
  }
  const large = filled([ROWS, COLUMNS])
  const bytes = 4 * ROWS * COLUMNS
  const sum = await bestTime(
    read('row_sums', (g) => g.output('y', g.reduceSum(g.input('x', 'f32', [ROWS, COLUMNS]), 1))),
    { x: large },
  )
  const product = await bestTime(
    read('vector_matrix', (g) => {
      const vector = g.input('v', 'f32', [1, COLUMNS])
      g.output('y', g.op('Gemm', [vector, g.input('x', 'f32', [ROWS, COLUMNS])], { transB: 1 }))
    }),
    { x: large, v: filled([1, COLUMNS]) },
  )
  const square = await bestTime(
    read('square', (g) => {
      const x = g.input('x', 'f32', [SIDE, SIDE])
      g.output('y', g.op('MatMul', [x, x]))
    }),
    { x: filled([SIDE, SIDE]) },
  )
  const bandwidth = bytes / Math.min(sum, product)
  const flops = (2 * SIDE ** 3) / square
  const [{ model = 'unknown processor' } = {}] = cpus()
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
        text: `${gigas(bandwidth)} GB/s (row sums ${gigas(bytes / sum)}, vector x matrix ${gigas(bytes / product)})`,
        numbers: { bandwidth },
      },
      { name: 'matrix product (2048 x 2048)', text: `${gigas(flops)} GFLOP/s`, numbers: { flops } },
    ],
  }
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
