// What the tests of networks share: the official code's numbers, and one run of a graph.
import { join } from 'node:path'
import { openFile, readNpz } from '../../../src/engine/bytes/index.ts'
import { GraphBuilder, graphToOnnx, type Graph } from '../../../src/engine/graph/index.ts'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import { openSession, type Provider, type Session, type Tensor } from '../../../src/engine/session/index.ts'

export const OFFICIAL = join(import.meta.dirname, '../../fixtures/official-tiny')
export const DEMO = demoFolder()

/** An array of reference.npz as plain numbers. */
export async function reference(name: string): Promise<Float64Array> {
  const source = await openFile(join(OFFICIAL, 'reference/reference.npz'))
  try {
    return Float64Array.from((await readNpz(source, [name])).get(name)!.data as Iterable<number>)
  } finally {
    await source.close()
  }
}

let gpu: Promise<Session> | undefined
/** A small network that stays open on the GPU: with the last one, onnxruntime would forget all compiled shaders. */
export function keepGpu(): Promise<Session> {
  const g = new GraphBuilder('kept')
  g.output('y', g.op('Neg', [g.input('x', 'f32', [1])]))
  return (gpu ??= openSession(graphToOnnx(g.build()), { provider: 'webgpu' }))
}

export async function runGraph(
  graph: Graph,
  feeds: Record<string, Tensor>,
  provider: Provider = 'cpu',
): Promise<Record<string, Tensor>> {
  if (provider === 'webgpu') await keepGpu()
  const session = await openSession(graphToOnnx(graph), { provider, threads: 1 })
  try {
    return await session.run(feeds)
  } finally {
    await session.close()
  }
}

export const values = (tensor: Tensor | undefined): number[] =>
  Array.from(tensor!.data as Iterable<number | bigint>, Number)

/** Largest absolute difference; NaN, and arrays of different length, count as infinitely far. */
export function maxDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity
  let max = 0
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!)
    max = difference <= max ? max : Number.isNaN(difference) ? Infinity : difference
  }
  return max
}

/** Levels 0..255, [.., side, side, 3] -> f32 0..1, [.., 3, side, side]. */
export function toPixels(rgb: ArrayLike<number>, side: number): Float32Array {
  const area = side * side
  return Float32Array.from({ length: rgb.length }, (_, i) => {
    const [image, inside] = [Math.floor(i / (3 * area)), i % (3 * area)]
    return rgb[(image * area + (inside % area)) * 3 + Math.floor(inside / area)]! / 255
  })
}
