// What a network takes of the machine's memory while nothing runs in it.
import { expect, it } from 'vitest'
import { GraphBuilder, graphToOnnx } from '../../../src/engine/graph/index.ts'
import { openSession, tensor } from '../../../src/engine/session/index.ts'
import { values } from '../models/run-graph.ts'

const MB = 2 ** 20
const SIDE = 4096

const resident = () => process.memoryUsage.rss()

it('runs of a network use the same memory, which goes back when it is closed', async () => {
  const g = new GraphBuilder('outer product')
  const product = g.op('MatMul', [g.input('column', 'f32', [SIDE, 1]), g.input('row', 'f32', [1, SIDE])])
  g.output('sum', g.reduceSum(g.reduceSum(g.op('Abs', [g.op('Neg', [product])]), 0), 1))
  const session = await openSession(graphToOnnx(g.build()), { provider: 'cpu', threads: 1 })
  const ones = new Float32Array(SIDE).fill(1)
  const run = async () => {
    const { sum } = await session.run({
      column: tensor('f32', ones, [SIDE, 1]),
      row: tensor('f32', ones, [1, SIDE]),
    })
    expect(values(sum)).toEqual([SIDE ** 2])
  }
  const before = resident()
  await run()
  const kept = resident()
  // An activation is 64 MB, and two are there at once.
  expect(kept - before).toBeGreaterThan(100 * MB)
  const faults = process.resourceUsage().minorPageFault
  await run()
  expect(resident() - kept).toBeLessThan(32 * MB)
  // Pages of 4 kB that the system gave: less than a quarter of those of one activation.
  expect(process.resourceUsage().minorPageFault - faults).toBeLessThan((16 * MB) / 4096)
  await session.close()
  expect(resident() - before).toBeLessThan(32 * MB)
})
