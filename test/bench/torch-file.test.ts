import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeTorchFile, type TensorToSave } from '../../scripts/bench/torch-file.ts'
import { dataAt, openCheckpoint } from '../../src/engine/checkpoint/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const folder = temporaryFolder()

const tensor = (shape: number[], ...pieces: number[][]): TensorToSave => ({
  dtype: 'f32',
  shape,
  *bytes() {
    for (const piece of pieces) yield new Uint8Array(Float32Array.from(piece).buffer)
  },
})

test('writes a file that reads back equal, with tensors aligned as in torch', async () => {
  const path = join(folder.path, 'written.pt')
  await writeTorchFile(path, {
    cfg: { model: { _name: 'stlm', layers: 3, dropout: 0.5, bias: true, nothing: null } },
    model: new Map([
      ['a.weight', tensor([2, 3], [1, 2, 3, 4], [5, 6])],
      ['a.bias', tensor([1], [-7])],
    ]),
  })
  const weights = await openCheckpoint(path)
  const plain = dataAt(weights.data, 'cfg.model')
  expect(plain).toEqual(
    new Map<string, unknown>([
      ['_name', 'stlm'],
      ['layers', 3],
      ['dropout', 0.5],
      ['bias', true],
      ['nothing', null],
    ]),
  )
  const found = [...weights.tensors.values()].map(({ name, shape, offset }) => [name, shape, offset % 64])
  expect(found).toEqual([
    ['model.a.weight', [2, 3], 0],
    ['model.a.bias', [1], 0],
  ])
  expect(await weights.tensors.get('model.a.weight')!.read()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
  await weights.close()
})
