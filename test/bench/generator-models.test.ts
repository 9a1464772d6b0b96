// The checkpoints that the benchmark writes: recognized as generators and tokenizers, and as large as the published ones.
import { expect, test } from 'vitest'
import { GENERATOR_MODELS } from '../../scripts/bench/generator-models.ts'
import type { Saved, TensorToSave } from '../../scripts/bench/torch-file.ts'
import type { TensorView, Weights } from '../../src/engine/checkpoint/index.ts'
import { identify } from '../../src/engine/model-set/identify.ts'
import type { FamilyName } from '../../src/shared/generators/families.ts'

/** What a file with this content would open as; nothing is written or read. */
function weightsOf(path: string, root: Saved): Weights {
  const tensors = new Map<string, TensorView>()
  const add = (saved: Saved | undefined, name: string): void => {
    if (saved instanceof Map) for (const [key, value] of saved) add(value, name + key)
    else if (isTensor(saved)) tensors.set(name, viewOf(name, saved))
    else if (saved) for (const [key, value] of Object.entries(saved)) add(value as Saved, `${name}${key}.`)
  }
  add(root, '')
  return {
    path,
    format: 'torch-zip',
    tensors,
    unreadable: new Map(),
    data: undefined,
    tensorBytes: 0,
    close: () => Promise.resolve(),
  }
}
const isTensor = (saved: unknown): saved is TensorToSave =>
  typeof saved === 'object' && saved !== null && 'bytes' in saved
const viewOf = (name: string, { shape }: TensorToSave): TensorView => ({
  name,
  dtype: 'f32',
  shape,
  strides: shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1)),
  contiguous: true,
  path: '/nowhere',
  offset: 0,
  read: () => Promise.reject(new Error('read')),
})

// Millions of parameters that the generators' own pages state, VQGAN not counted.
test.each<[FamilyName, number, number]>([
  ['mage', 144, 146],
  ['taming', 1400, 1420],
  ['maskgit', 173, 175],
  ['rar', 260.5, 261.5],
  ['llamagen', 110, 112],
  ['var', 309.5, 310.5],
])('%s is usable, with the published number of parameters', (family, least, most) => {
  const { files, layers, heads } = GENERATOR_MODELS[family]
  const found = Object.entries(files(layers)).flatMap(([name, saved]) => identify(weightsOf(name, saved)))
  expect(found.map(({ problem }) => problem)).toEqual(found.map(() => undefined))
  const [generator, vqgan] = ['generator', family === 'mage' ? 'vqgan' : 'tokenizer'].map((kind) =>
    found.find((one) => one.kind === kind)!,
  )
  expect(found).toHaveLength(2)
  expect(generator!.facts).toMatchObject({ family, heads, codes: vqgan!.facts.codes })
  const ofVqgan = family === 'mage' || family === 'taming' ? Number(vqgan!.facts.parameters) : 0
  const millions = (Number(generator!.facts.parameters) - ofVqgan) / 1e6
  expect([millions >= least, millions <= most, millions]).toEqual([true, true, millions])
})
