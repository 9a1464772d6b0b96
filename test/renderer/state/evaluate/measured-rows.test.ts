import { expect, it } from 'vitest'
import { measuredHere } from '../../../../src/renderer/state/evaluate/measured-rows.ts'
import type { Measurement } from '../../../../src/shared/evaluation/measurements.ts'
import {
  CLASS_CONDITIONAL,
  UNCONDITIONAL,
  type PublishedSamples,
} from '../../../../src/shared/evaluation/published.ts'
import { sourceOf } from '../../../../src/shared/evaluation/published-runs.ts'
import type { ModelFile } from '../../../../src/shared/models/models.ts'

const row = (rows: readonly PublishedSamples[], method: string, size: string): PublishedSamples =>
  rows.find((one) => one.method === method && one.parameters.text === size)!
const measured = (id: string, path: string, n: number, recipe?: unknown, models?: unknown): Measurement =>
  ({
    id,
    samples: { kind: 'demo' },
    stamp: {
      metric: 'torch-fidelity',
      samples: { path, n, kind: 'images', crop: 'as they are' },
      reference: { n: 50_000, kind: 'statistics', crop: 'as they are' },
      results: { frechet_inception_distance: 11.5 },
      badges: [],
      recipe,
      models,
    },
  }) as unknown as Measurement
const MAGE = { generator: { family: 'mage', sha256: 'a', settings: { steps: 20, choiceTemperature: 6 } } }

it('every published row says how it is measured here, or why it is not', () => {
  for (const [table, rows] of [
    ['unconditional', UNCONDITIONAL],
    ['class', CLASS_CONDITIONAL],
  ] as const)
    for (const one of rows) {
      const source = sourceOf(one, table)
      expect(source.kind === 'none' && source.why, one.method).not.toBe('Unknown')
      expect(measuredHere(one, table, [], []).words.length, one.method).toBeGreaterThan(10)
    }
})

it('samples of a generator fill the row of its width, recorded with them or of the open file', () => {
  const [small, large] = [row(UNCONDITIONAL, 'MAGE', '200M'), row(UNCONDITIONAL, 'MAGE', '463M')]
  const recorded = measured('one', 'run', 50_000, MAGE, [{ role: 'generator', sha256: 'a', width: 768 }])
  expect(measuredHere(small, 'unconditional', [recorded], []).measured).toEqual([
    { id: 'one', how: 'torch-fidelity, 50,000 samples', fid: 11.5, inceptionScore: undefined, apart: [] },
  ])
  expect(measuredHere(large, 'unconditional', [recorded], []).measured).toEqual([])
  const open = [{ sha256: 'a', facts: { width: 1024 } }] as unknown as ModelFile[]
  const bare = measured('two', 'run', 64, MAGE)
  expect(measuredHere(large, 'unconditional', [bare], open).measured).toMatchObject([
    { id: 'two', apart: ['n = 64'] },
  ])
})

it('DiGIT fills the rows of its stage 2, and a published batch its row by its file', () => {
  const stages = { stage1: { kind: 'stage1', sha256: 's' }, stage2: { kind: 'stage2-nar' } }
  const own = measured('three', 'run', 50_000, stages)
  const files = [{ sha256: 's', facts: { width: 1024 } }] as unknown as ModelFile[]
  const of = (method: string) =>
    measuredHere(row(UNCONDITIONAL, method, '219M'), 'unconditional', [own], files).measured.length
  expect([of('DiGIT + MaskGIT'), of('DiGIT + VQGAN')]).toEqual([1, 0])
  const batch = measured('four', '/sets/admnet_imagenet256.npz', 50_000)
  expect(measuredHere(row(CLASS_CONDITIONAL, 'ADM', '554M'), 'class', [batch], []).measured).toHaveLength(1)
})

it('of several measurements by one protocol, that of most samples counts', () => {
  const models = [{ role: 'generator', sha256: 'a', width: 768 }]
  const all = [measured('few', 'run', 64, MAGE, models), measured('many', 'run', 50_000, MAGE, models)]
  const found = measuredHere(row(UNCONDITIONAL, 'MAGE', '200M'), 'unconditional', all, [])
  expect(found.measured.map(({ id }) => id)).toEqual(['many'])
})
