// Legend names of sweeps: settings that differ and are not an axis.
import { expect, test } from 'vitest'
import { commonSettings, sweepNames } from '../../../../src/renderer/state/curves/sweep-names.ts'
import type { WorkspaceSweep } from '../../../../src/shared/sweep/sweeps.ts'
import { QUICK } from '../../../quick-request.ts'

const sweep = (base: Partial<WorkspaceSweep['base']>, started = '2026-01-01T10:00:00Z') => ({
  axes: [{ name: 'temperature' as const, values: [0.8, 1] }],
  base: { ...QUICK, ...base },
  started,
})

test('a single sweep has no name', () => {
  expect(sweepNames([sweep({})])).toEqual([''])
})

test('names list the differing settings, except swept ones', () => {
  const other = { temperature: 0.5, topK: 50, topP: 0 }
  expect(sweepNames([sweep({ stage2: 'ar' }), sweep({ stage2: 'nar', stage1Sampling: other })])).toEqual([
    expect.stringMatching(/^AR, top-k \d+$/),
    expect.stringMatching(/^NAR, top-k 50, \d+ steps?$/),
  ])
})

test('names use the time if the settings are ambiguous', () => {
  const [first, second, third] = sweepNames([
    sweep({ seed: 1 }),
    sweep({ seed: 1 }, '2026-01-02T10:00:00Z'),
    sweep({ seed: 2 }),
  ])
  expect(third).toBe('seed 2')
  expect(first).toMatch(/^seed 1, ./)
  expect(second).not.toBe(first)
})

test('what all points have names classes, top-k and the rest, except what is swept', () => {
  const words = (classes: number[]) => commonSettings(sweep({ classes, seed: 4 }))
  expect(words([3, 7])).toEqual(
    expect.arrayContaining(['classes 3, 7', expect.stringMatching(/^top-k /), 'seed 4']),
  )
  expect(words([])).toContain('unconditional')
  expect(words([1, 2, 3, 4])).toContain('4 classes')
  expect(words([]).join()).not.toMatch(/(^|,)temperature/)
})

test('sweeps of several generators in one chart are named by them and by settings that all have', () => {
  const guided = (family: 'rar' | 'llamagen', settings: object) => ({
    ...sweep({ generator: { family, settings }, classes: [3] }),
    axes: [{ name: 'guidance' as const, values: [1, 2] }],
  })
  const all = [
    guided('rar', { temperature: 1, guidance: 4, guidancePower: 0 }),
    guided('llamagen', { temperature: 1, topK: 0, topP: 1, guidance: 2 }),
  ]
  expect(sweepNames(all)).toEqual(['RAR', 'LlamaGen'])
  expect(commonSettings(all[0]!)).toEqual(expect.arrayContaining(['RAR', 'class 3', 'temperature 1']))
  expect(commonSettings(all[0]!).join()).not.toMatch(/stage|bits|(^|,)N?AR,/)
})
