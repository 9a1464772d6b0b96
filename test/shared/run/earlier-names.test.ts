// Names of version 0.1: in specifications, recipes, sweeps, flags.
import { expect, it } from 'vitest'
import {
  earlierNames,
  presentAxis,
  presentFlag,
  presentNames,
} from '../../../src/shared/run/earlier-names.ts'

it('flags of 0.1 map to their present names', () => {
  expect(
    ['--given', '--temperature2', '--topk2', '--topp2', '--temperature', '--seed', 'given', '7'].map(
      presentFlag,
    ),
  ).toEqual([
    '--pinned',
    '--stage2-temperature',
    '--stage2-topk',
    '--stage2-topp',
    '--temperature',
    '--seed',
    'given',
    '7',
  ])
  expect(presentAxis('constructor')).toBe('constructor')
})

it('renames the fields of a run at any depth, not its values', () => {
  const sampling = { temperature: 1, topK: 0, topP: 0.8 }
  const spec = { kind: 'sample', sampling1: sampling, sampling2: sampling, given: [{ codes: [1, -1] }] }
  const renamed = {
    kind: 'sample',
    stage1Sampling: sampling,
    stage2Sampling: sampling,
    pinned: [{ codes: [1, -1] }],
  }
  expect(presentNames({ schema: 1, recipe: { given: 'a' }, spec })).toEqual({
    schema: 1,
    recipe: { pinned: 'a' },
    spec: renamed,
  })
  expect(presentNames(renamed)).toEqual(renamed)
  expect(JSON.stringify(earlierNames(renamed))).toBe(JSON.stringify(spec))
  expect([null, 7, 'given', ['given']].map(presentNames)).toEqual([null, 7, 'given', ['given']])
})

it('renames base, axes and values of a sweep, not the folders of its cells', () => {
  const sampling = { temperature: 1, topK: 0, topP: 0 }
  expect(
    presentNames({
      spec: { kind: 'sweep', base: { sampling2: sampling }, axes: [{ name: 'topp2', values: [0.5] }] },
      cells: [{ name: 'topp20.5', values: { topp2: 0.5 } }],
    }),
  ).toEqual({
    spec: {
      kind: 'sweep',
      base: { stage2Sampling: sampling },
      axes: [{ name: 'stage2-topp', values: [0.5] }],
    },
    cells: [{ name: 'topp20.5', values: { 'stage2-topp': 0.5 } }],
  })
})

it('renames vq to codes only where codes are decoded', () => {
  expect(presentNames({ kind: 'decode', tokens: 'vq' })).toEqual({ kind: 'decode', tokens: 'codes' })
  expect(presentNames({ kind: 'tokenize', tokens: 'vq' })).toEqual({ kind: 'tokenize', tokens: 'vq' })
})
