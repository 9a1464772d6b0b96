// ViT-g's feed-forward layers against the original in torch: test/fixtures/swiglu/make.py.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { dinov2ClassToken, dinov2Features } from '../../../src/engine/models/dinov2.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { tensorsOf, torchFile, type MadeTensor } from '../../torch-file.ts'
import { maxDifference, OFFICIAL, runGraph, values } from './run-graph.ts'

const folder = temporaryFolder()
const HIDDEN = 176
const TOLERANCE = 2e-4
const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/swiglu/features.json'), 'utf8'),
) as Record<string, number[]>
const pixels = tensor(
  'f32',
  Float32Array.from({ length: 3 * 224 * 224 }, (_, at) => {
    const [channel, cell] = [Math.floor(at / 224 ** 2), at % 224 ** 2]
    const i = 3 * cell + channel
    return ((i * 31 + (i >> 9) * 17) % 256) / 255
  }),
  [1, 3, 224, 224],
)

/** The first rows of [values, values]. */
const twice = ({ shape: [rows = 0, ...rest], values }: MadeTensor): MadeTensor => {
  const both = Float32Array.from({ length: 2 * values.length }, (_, i) => values[i % values.length]!)
  return { shape: [2 * HIDDEN, ...rest], values: both.subarray(0, (2 * HIDDEN * values.length) / rows) }
}
const columns = ({ shape: [rows = 0, width = 0], values }: MadeTensor): MadeTensor => ({
  shape: [rows, HIDDEN],
  values: Float32Array.from(
    { length: rows * HIDDEN },
    (_, i) => values[Math.floor(i / HIDDEN) * width + (i % HIDDEN)]!,
  ),
})

let models: OpenModels
beforeAll(async () => {
  const encoder = await tensorsOf(join(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth'))
  const tensors = Object.entries(encoder).map(([name, made]): [string, MadeTensor] => {
    if (name.includes('mlp.fc1')) return [name.replace('fc1', 'w12'), twice(made)]
    if (name.endsWith('mlp.fc2.weight')) return [name.replace('fc2', 'w3'), columns(made)]
    return [name.replace('mlp.fc2', 'mlp.w3'), made]
  })
  models = await openModels([folder.write('swiglu.pth', torchFile(Object.fromEntries(tensors)))])
  return () => models.close()
})

describe('an encoder with SwiGLU layers', () => {
  test('has the patch features of the original', async () => {
    const { tensors } = await models.open('encoder')
    const { features } = await runGraph(dinov2Features(tensors, { size: 224 }), { pixels })
    const patch = (i: number) => values(features).slice(64 * i, 64 * (i + 1))
    expect(maxDifference(patch(0), expected.patch0!)).toBeLessThan(TOLERANCE)
    expect(maxDifference(patch(255), expected.patch255!)).toBeLessThan(TOLERANCE)
  })

  test('has the class token of the original', async () => {
    const { tensors } = await models.open('encoder')
    const { features } = await runGraph(dinov2ClassToken(tensors), { pixels })
    expect(maxDifference(values(features), expected.class!)).toBeLessThan(TOLERANCE)
  })
})
