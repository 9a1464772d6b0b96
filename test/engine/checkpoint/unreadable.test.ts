// A tensor that this program cannot read refuses nothing but itself.
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../../src/engine/checkpoint/index.ts'
import { modelTensors } from '../../../src/engine/models/tensors.ts'
import { fixture } from './reference.ts'

const type = (name: string) => `unsupported element type ${name}`
const kind = (name: string) => `unsupported kind of tensor ${name}`
const TWICE = 'two tensors have this name'
const TORCH = {
  fp8: type('float8_e4m3fn'),
  fp8e5: type('float8_e5m2'),
  u16: type('uint16'),
  u64: type('uint64'),
  complex: type('ComplexFloatStorage'),
  complex_double: type('ComplexDoubleStorage'),
  quantised: kind('_rebuild_qtensor'),
  sparse: kind('_rebuild_sparse_tensor'),
  csr: kind('_rebuild_sparse_tensor'),
  'keys.0': TWICE,
  'dotted.name': TWICE,
  [`${'n'.repeat(512)}…`]: 'tensor name too long (found 600 characters, maximum 512)',
  'optimizer.state.0.exp_avg': type('float8_e4m3fn'),
}
const numpy = (descr: string) =>
  expect.stringContaining(`unsupported element type (found '${descr}'`) as string

test.each<[string, Record<string, string>]>([
  ['odd.pt', TORCH],
  ['odd-legacy.pt', TORCH],
  [
    'odd.safetensors',
    { fp8: type('"F8_E4M3"'), u16: type('"U16"'), complex: type('"C64"'), unknown: type('"F4_NEW"') },
  ],
  ['odd.npz', { arr_1: numpy('<U3'), complex: numpy('<c8'), object: numpy('|O') }],
])('%s', async (name, unreadable) => {
  const weights = await openCheckpoint(fixture(name))
  expect([...weights.tensors.keys()]).toEqual(['good'])
  expect([...(await weights.tensors.get('good')!.read())]).toEqual([0, 1, 2])
  const problems = [...weights.unreadable.values()].map(({ name, problem }) => [name, problem])
  expect(Object.fromEntries(problems)).toEqual(unreadable)

  const tensors = modelTensors(weights)
  const [asked, problem] = problems[0] as [string, string]
  expect(tensors.names).toEqual(['good'])
  expect(tensors.has(asked)).toBe(true)
  expect(() => tensors.get(asked, [4])).toThrow(
    `${fixture(name)}: tensor ${asked} of shape [4] cannot be read: ${problem}`,
  )
  await weights.close()
})
