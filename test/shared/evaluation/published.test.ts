import { expect, it } from 'vitest'
import {
  CLASS_CONDITIONAL,
  LINEAR_PROBE,
  PUBLISHED_TYPES,
  UNCONDITIONAL,
} from '../../../src/shared/evaluation/published.ts'

const ALL = [...UNCONDITIONAL, ...CLASS_CONDITIONAL]

it('every row has a type, a size and its numbers', () => {
  expect(ALL).toHaveLength(30)
  expect(LINEAR_PROBE).toHaveLength(9)
  for (const { type, parameters, fid } of ALL) {
    expect(PUBLISHED_TYPES).toContain(type)
    expect(parameters.value).toBeGreaterThan(10)
    expect(fid.value).toBeGreaterThan(1)
  }
})

it('sizes in billions have a value in millions next to the printed text', () => {
  const largest = ALL.reduce((a, b) => (a.parameters.value > b.parameters.value ? a : b))
  expect(largest).toMatchObject({ method: 'VQVAE-2', parameters: { value: 13_500, text: '13.5B' } })
})

it('rows sampled with guidance are marked, and values missing in a paper are absent', () => {
  expect(CLASS_CONDITIONAL.filter(({ guided }) => guided).map(({ fid }) => fid)).toEqual([
    { value: 3.6, text: '3.60*' },
    { value: 2.95, text: '2.95*' },
  ])
  const [unguided] = CLASS_CONDITIONAL.filter(({ method }) => method === 'VAR')
  expect(unguided).not.toHaveProperty('inceptionScore')
  expect(UNCONDITIONAL[0]).not.toHaveProperty('epochs')
})

it('marks the rows of the DiGIT paper', () => {
  expect(ALL.filter(({ isDigit }) => isDigit)).toHaveLength(6)
  expect(LINEAR_PROBE.filter(({ isDigit }) => isDigit).map(({ top1 }) => top1.value)).toEqual([71.7, 80.3])
})

it('probes have the tokens and the width of features of the model card', () => {
  expect(LINEAR_PROBE.map(({ tokens, features }) => [tokens.value, features.value])).toEqual([
    [32 ** 2, 1536],
    [64 ** 2, 3072],
    [32 ** 2, 1024],
    [32 ** 2, 1024],
    [32 ** 2, 1024],
    [32 ** 2, 2048],
    [16 ** 2, 1536],
    [16 ** 2, 1024],
    [16 ** 2, 1536],
  ])
})
