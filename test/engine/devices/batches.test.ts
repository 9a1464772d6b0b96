// How many images a device takes at once.
import { expect, test } from 'vitest'
import { batchesThatFit, imagesAtOnce, inBatches } from '../../../src/engine/devices/batches.ts'
import { GraphBuilder, graphToOnnx } from '../../../src/engine/graph/index.ts'
import { openSession, tensor } from '../../../src/engine/session/index.ts'

/** Every image as its number, and the sizes that were tried. */
function device(memory: number) {
  const tried: number[] = []
  const part = async (from: number, to: number) => {
    tried.push(to - from)
    if (to - from > memory)
      throw new Error(
        'Non-zero status code returned while running Gemm node. CUDA failure 2: out of memory ; GPU=0',
      )
    return Array.from({ length: to - from }, (_, i) => from + i)
  }
  return { tried, part }
}

test('a batch that does not fit is halved until it does, and the next ones start there', async () => {
  const { tried, part } = device(20)
  const batches = batchesThatFit()
  expect(await batches(64, 64, part)).toEqual(Array.from({ length: 64 }, (_, i) => i))
  expect(tried).toEqual([64, 32, 16, 16, 16, 16])
  expect(await batches(40, 64, part)).toHaveLength(40)
  expect(tried.slice(6)).toEqual([16, 16, 8])
  expect(await batches(3, 2, part)).toEqual([0, 1, 2])
})

test('one image that does not fit, and any other failure, is the error of the batch', async () => {
  const { part } = device(0)
  await expect(inBatches(4, 4, part)).rejects.toThrow('out of memory')
  let runs = 0
  const broken = async () => {
    runs++
    throw new Error('not a number')
  }
  await expect(inBatches(4, 4, broken)).rejects.toThrow('not a number')
  expect(runs).toBe(1)
})

test('onnxruntime says it in words that are recognised, and the session can still be used', async () => {
  const g = new GraphBuilder('copies')
  const shape = g.input('shape', 'i64', [2])
  const copies = g.nodes('Expand', [g.constant('f32', [1], [1, 1]), shape], {}, [
    { type: 'f32', shape: ['B', 'N'] },
  ])[0]!
  g.output('sum', g.reduceSum(copies, 1))
  const session = await openSession(graphToOnnx(g.build()), { provider: 'cpu' })
  // 2^44 numbers an image, of 32, fill 2 PB; one image of 2^20 fits.
  const sizes: number[] = []
  const run = async (from: number, to: number) => {
    sizes.push(to - from)
    const each = to - from > 8 ? 2 ** 44 : 2 ** 20
    const { sum } = await session.run({ shape: tensor('i64', [to - from, each], [2]) })
    return Array.from(sum!.data as Float32Array)
  }
  expect(await inBatches(32, imagesAtOnce(1), run)).toEqual(new Array(32).fill(2 ** 20))
  expect(sizes).toEqual([32, 16, 8, 8, 8, 8])
  await session.close()
})
