// Inception-v3 against torch-fidelity's on the same weights; errors relative to the largest value. Measured once through
// WebGPU as well, where they are 4e-6 at most: a software driver takes 90 s for one image, too long for a test.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFile, readNpz, type NpyArray } from '../../../src/engine/bytes/index.ts'
import { openCheckpoint, type Weights } from '../../../src/engine/checkpoint/index.ts'
import { graphToText } from '../../../src/engine/graph/index.ts'
import { inceptionFeatures } from '../../../src/engine/models/inception/inception.ts'
import { modelTensors } from '../../../src/engine/models/tensors.ts'
import { tensor, type Tensor } from '../../../src/engine/session/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { inceptionShapes, writeInception } from './inception-weights.ts'
import { maxDifference, runGraph, values } from './run-graph.ts'

const OUTPUTS = {
  features_64: 'out_64',
  features_192: 'out_192',
  features_768: 'out_768',
  features: 'out_2048',
  logits: 'out_logits',
  logits_unbiased: 'out_logits_unbiased',
  spatial: 'spatial',
}
/** Float32 sums in another order, through 94 layers; measured 8e-6. */
const TOLERANCE = 1e-4

const folder = temporaryFolder()
let weights: Weights
let expected: Map<string, NpyArray>
beforeAll(async () => {
  const path = join(folder.path, 'inception.safetensors')
  await writeInception(path)
  weights = await openCheckpoint(path)
  const source = await openFile(join(import.meta.dirname, '../../fixtures/inception/inception.npz'))
  expected = await readNpz(source)
  await source.close()
})
afterAll(() => weights.close())

const images = (count: number) => {
  const all = expected.get('images_u8')!.data as Uint8Array
  return tensor('u8', all.slice(0, count * 256 * 256 * 3), [count, 256, 256, 3])
}

async function run(count: number): Promise<Record<string, Tensor>> {
  const graph = inceptionFeatures(modelTensors(weights), { width: 256, height: 256 })
  return runGraph(graph, { rgb: images(count) })
}

function relativeErrors(outputs: Record<string, Tensor>, count: number): number[] {
  return Object.entries(OUTPUTS).map(([name, key]) => {
    const { data, shape } = expected.get(key)!
    const wanted = Array.from(data, Number).slice(0, count * shape[1]!)
    return maxDifference(values(outputs[name]), wanted) / Math.max(...wanted.map(Math.abs))
  })
}

describe('on the processor', () => {
  let outputs: Record<string, Tensor>
  beforeAll(async () => void (outputs = await run(3)))

  test('every output matches, three images at once', () => {
    for (const error of relativeErrors(outputs, 3)) expect(error).toBeLessThan(TOLERANCE)
  })

  test('one image alone gives the same features', async () => {
    const alone = await run(1)
    expect(maxDifference(values(alone.features), values(outputs.features).slice(0, 2048))).toBeLessThan(1e-5)
  })
})

test('it reads the tensors of the published file, except the counters', () => {
  const names = [...inceptionShapes().keys()]
  expect(names).toHaveLength(94 * 5 + 2) // conv, and bn's weight, bias, mean and variance; fc
  expect(names.slice(0, 5)).toEqual([
    'Conv2d_1a_3x3.conv.weight',
    'Mixed_7c.branch_pool.conv.weight',
    'fc.weight',
    'Conv2d_1a_3x3.bn.weight',
    'Conv2d_1a_3x3.bn.bias',
  ])
})

test('an image of 299 pixels is not resized', () => {
  const text = (side: number) =>
    graphToText(inceptionFeatures(modelTensors(weights), { width: side, height: side }))
  expect(text(299)).not.toContain('Resize')
  expect(text(64)).toContain('Resize')
})

test("torchvision's Inception of 1000 classes is refused", () => {
  const views = new Map(weights.tensors)
  views.set('fc.weight', { ...views.get('fc.weight')!, shape: [1000, 2048] })
  expect(() =>
    inceptionFeatures(modelTensors({ path: 'tv.pth', tensors: views }), { width: 64, height: 64 }),
  ).toThrow('tv.pth: not the Inception-v3 used for FID (fc.weight has 1000 classes, expected 1008)')
})
