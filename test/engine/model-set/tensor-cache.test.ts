// Views that a graph cannot point at are copied to the cache once, with the values torch sees in them.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCheckpoint, type Weights } from '../../../src/engine/checkpoint/index.ts'
import { GraphBuilder } from '../../../src/engine/graph/index.ts'
import { modelTensors } from '../../../src/engine/models/tensors.ts'
import { contiguousTensors } from '../../../src/engine/model-set/tensor-cache.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { OFFICIAL, runGraph, values } from '../models/run-graph.ts'

const folder = temporaryFolder()
let weights: Weights
beforeAll(async () => {
  process.env.DIGIT_CACHE = folder.path
  weights = await openCheckpoint(join(OFFICIAL, 'variants/views.pt'))
})
afterAll(async () => {
  delete process.env.DIGIT_CACHE
  await weights.close()
})

test('transposed and strided views of a checkpoint become weights of a graph', async () => {
  const tensors = modelTensors(weights)
  const odd = tensors.names.filter(
    (name) => !tensors.get(name).contiguous && tensors.get(name).dtype !== 'bool',
  )
  expect(odd.length).toBeGreaterThan(0)
  const ready = await contiguousTensors(tensors, 'hash', '')
  for (const name of odd) {
    const view = ready.get(name)
    expect(view.contiguous).toBe(true)
    const g = new GraphBuilder('view')
    g.output('y', g.op('Add', [g.weight(view), g.scalar(0)]))
    const { y } = await runGraph(g.build(), {})
    expect(y!.dims).toEqual(tensors.get(name).shape)
    const expected = Array.from((await tensors.get(name).read()) as Iterable<number | bigint>, Number)
    expect(values(y)).toEqual(expected.map(Math.fround))
  }
})

test('the copy is made once, and a checkpoint in C order needs none', async () => {
  const files = readdirSync(folder.path)
  const { mtimeMs } = statSync(join(folder.path, files[0]!))
  await contiguousTensors(modelTensors(weights), 'hash', '')
  expect(readdirSync(folder.path)).toEqual(files)
  expect(statSync(join(folder.path, files[0]!)).mtimeMs).toBe(mtimeMs)
  const plain = await openCheckpoint(join(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth'))
  const tensors = modelTensors(plain)
  expect(await contiguousTensors(tensors, 'other', '')).toBe(tensors)
  await plain.close()
})
