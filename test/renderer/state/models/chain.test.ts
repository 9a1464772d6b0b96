import { expect, it } from 'vitest'
import type { ModelFile } from '../../../../src/shared/models/models.ts'
import { chainOf, sharedFaults, shortPath } from '../../../../src/renderer/state/models/chain.ts'

const file = (path: string): ModelFile => ({
  id: path,
  path,
  prefix: '',
  kind: 'unknown',
  bytes: 0,
  sha256: '',
  summary: '',
  facts: {},
})

it.each([
  ['km_8k.npy', 'km_8k.npy'],
  ['data/emoji/km_8k.npy', 'km_8k.npy'],
  ['outputs/stage1/checkpoints/checkpoint_last.pt', 'stage1/checkpoint_last.pt'],
  ['outputs/stage1/checkpoint_last.pt', 'stage1/checkpoint_last.pt'],
  ['checkpoints/checkpoint_last.pt', 'checkpoint_last.pt'],
  ['checkpoint_last.pt', 'checkpoint_last.pt'],
])('%s has the short name %s', (path, short) => expect(shortPath(file(path))).toBe(short))

it.each<[string, Partial<ModelFile>, string]>([
  ['a file that cannot be read', { facts: { unreadable: true } }, 'Damaged'],
  ['a file of the role with a problem', { kind: 'stage1' }, 'Not usable'],
])('%s is named in the slot, which is not missing', (_, about, word) => {
  const broken = { ...file('stage1/cut.pt'), problem: 'file is cut', ...about }
  const damaged = { stage1: 'cut.pt cannot be used: file is cut' }
  const slots = chainOf({
    files: [broken],
    set: {},
    damaged,
    notes: [],
    assumed: [],
    classNames: [],
    generators: [],
  }).flatMap(({ slots }) => slots)
  const fault = slots.find(({ role }) => role === 'stage1')!.fault!
  expect(fault.word).toBe(word)
  expect(fault.reason).toContain('cut.pt cannot be used: file is cut.')
  expect(slots.find(({ role }) => role === 'encoder')!.fault).toBeUndefined()
})

it('a file that may be any of several models is said once, not in each slot', () => {
  const reason = 'notes.pt cannot be used: not a model'
  const modelSet = {
    files: [{ ...file('notes.pt'), problem: 'not a model', facts: { unreadable: true } }],
    set: {},
    damaged: { stage1: reason, encoder: reason },
    notes: [],
    assumed: [],
    classNames: [],
    generators: [],
  }
  expect(sharedFaults(modelSet)).toEqual([reason])
  expect(chainOf(modelSet).flatMap(({ slots }) => slots.flatMap(({ fault }) => fault ?? []))).toEqual([])
})
