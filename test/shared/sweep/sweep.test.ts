// The mini-language of sweeps, and the cells they become.
import { describe, expect, test } from 'vitest'
import type { SampleSpec } from '../../../src/shared/run/run.ts'
import { AXES, parseAxis } from '../../../src/shared/sweep/axes.ts'
import { cellWords, planSweep, sweepCost } from '../../../src/shared/sweep/plan.ts'
import { parseValues } from '../../../src/shared/sweep/values.ts'

const real = { whole: false, least: 0, most: 1000 }
const whole = { whole: true, least: 0, most: 1000 }

describe('values', () => {
  test.each([
    ['0.7-1.3 (+0.1)', [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3]],
    ['0.7-1.25 (+0.1)', [0.7, 0.8, 0.9, 1, 1.1, 1.2]],
    ['0-1 [5]', [0, 0.25, 0.5, 0.75, 1]],
    ['1, 0.5 ,0.25', [1, 0.5, 0.25]],
    ['1-4', [1, 2, 3, 4]],
    ['0.1, 0.2, ..., 0.5', [0.1, 0.2, 0.3, 0.4, 0.5]],
    ['10, 8, ..., 2', [10, 8, 6, 4, 2]],
    ['1-3, 2-4, 1e-2', [1, 2, 3, 4, 0.01]],
    ['7', [7]],
  ])('%s', (text, values) => {
    expect(parseValues(text, real)).toEqual(values)
  })

  test('are rounded to whole numbers', () => {
    expect(parseValues('50-400 [8]', whole)).toEqual([50, 100, 150, 200, 250, 300, 350, 400])
    expect(parseValues('1-10 [4]', whole)).toEqual([1, 4, 7, 10])
    expect(parseValues('0-1 [5]', whole)).toEqual([0, 1])
  })

  test.each([
    ['', "'' is not a number"],
    ['1, two', "'two' is not a number"],
    ['0.7-1.3', "'0.7-1.3': fractional ranges need a step or a count: 0.7-1.3 (+0.1) or 0.7-1.3 [5]"],
    ['3-1', "'3-1': range is reversed"],
    ['1-3 (+0)', "'1-3 (+0)': step must be positive"],
    ['1-3 [1]', "'1-3 [1]': a range needs at least 2 values"],
    ['1, ..., 3', "'...' needs two numbers before it and one after it"],
    ['1, 2, ...', "'...' needs two numbers before it and one after it"],
    ['1, 3, ..., 8', "'1, 3, ..., 8': steps of 2 do not reach 8"],
    ['1-900 (+0.001)', "'1-900 (+0.001)': too many values (maximum 10000)"],
    ['2000', '2000 is out of range (expected 0 to 1000)'],
  ])('%s is refused', (text, message) => {
    expect(() => parseValues(text, real)).toThrow(message)
  })

  test('a fraction is refused if the axis takes whole numbers', () => {
    expect(() => parseValues('1.5', whole)).toThrow('1.5 is not a whole number')
  })
})

const base: SampleSpec = {
  kind: 'sample',
  model: '/models',
  out: '/sweep',
  device: 'cpu',
  batchSize: 16,
  weightBits: 32,
  stage2: 'nar',
  stage1Sampling: { temperature: 1, topK: 200, topP: 0 },
  stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
  masked: { steps: 8, choiceTemperature: 4.5 },
  seed: 3,
  count: 64,
  classes: [],
  shards: 1,
  shard: 0,
}

describe('axes', () => {
  test('are found by name, in upper or lower case', () => {
    expect(parseAxis(' TopK = 50, 100')).toEqual({ name: 'topk', values: [50, 100] })
    expect(parseAxis('checkpoint=a/checkpoint_1.pt, b/checkpoint_1.pt').values).toEqual([
      'a/checkpoint_1.pt',
      'b/checkpoint_1.pt',
    ])
  })

  test('each axis changes the specification', () => {
    const other: Record<string, number | string> = {
      weights: 8,
      generator: 'rar',
      checkpoint: '/c.pt',
      'stage2-checkpoint': '/d.pt',
    }
    for (const [name, row] of Object.entries(AXES)) {
      if (name.startsWith('guidance')) continue
      expect(row.set(base, other[name] ?? 0.5)).not.toEqual(base)
    }
  })

  test('axes of another generator change its own settings, and it has no others', () => {
    const rar = { ...base, classes: [1], generator: { family: 'rar' as const, settings: { guidance: 4 } } }
    const axes = [parseAxis('guidance=1, 2'), parseAxis('temperature=0.5')]
    const cells = planSweep(rar, axes)
    expect(cells.map(({ spec }) => spec.generator!.settings)).toEqual([
      { guidance: 1, temperature: 0.5 },
      { guidance: 2, temperature: 0.5 },
    ])
    expect(cells[0]!.spec.stage1Sampling).toEqual(base.stage1Sampling)
    expect(() => planSweep(rar, [parseAxis('topk=5')])).toThrow('axis topk: not a setting of RAR')
    expect(() => planSweep(rar, [parseAxis('weights=8')])).toThrow('axis weights: not a setting of RAR')
    expect(() => planSweep(base, [parseAxis('guidance=1')])).toThrow(
      'axis guidance: only for other generators than DiGIT',
    )
  })

  test('what draws is an axis of verdicts: others than that of the run with their published settings', () => {
    const rar = {
      ...base,
      classes: [1],
      generator: { family: 'rar' as const, file: '1', heads: 4, settings: { guidance: 4 } },
    }
    const cells = planSweep(rar, [parseAxis('guidance=2'), parseAxis('generator=rar, maskgit')])
    expect(cells.map(({ name }) => name)).toEqual(
      ['rar', 'maskgit'].map((name) => expect.stringMatching(`^generator-${name}-\\w+-guidance2$`) as string),
    )
    expect(cells.map(({ spec }) => spec.generator)).toEqual([
      { ...rar.generator, settings: { guidance: 2 } },
      { family: 'maskgit', settings: { guidance: 2 } },
    ])
    const [digit] = planSweep(rar, [parseAxis('generator=digit')])
    expect(digit!.spec).toEqual({ ...base, classes: [1] })
    expect(cells.map(cellWords)).toEqual(['RAR, guidance 2', 'MaskGIT, guidance 2'])
    // Of several models of a family, each by its file.
    const two = planSweep({ ...rar, generator: { ...rar.generator, file: '/m/rar/b.bin' } }, [
      parseAxis('generator=rar:/m/rar/b.bin, rar:/m/rar/xl.bin'),
    ])
    expect(two.map(({ spec }) => spec.generator)).toEqual([
      { ...rar.generator, file: '/m/rar/b.bin' },
      { family: 'rar', file: '/m/rar/xl.bin', settings: {} },
    ])
    expect(two.map(cellWords)).toEqual(['RAR rar/b.bin', 'RAR rar/xl.bin'])
    expect(new Set(two.map(({ name }) => name)).size).toBe(2)
    expect(() => parseAxis('generator=rat:/m/b.bin')).toThrow('unknown (found rat:/m/b.bin, expected digit, ')
    expect(() => planSweep(rar, [parseAxis('guidance=2'), parseAxis('generator=rar, mage')])).toThrow(
      'axis guidance: not a setting of MAGE',
    )
    expect(() => planSweep(rar, [parseAxis('guidance=2'), parseAxis('generator=rar, digit')])).toThrow(
      'axis guidance: only for other generators than DiGIT',
    )
  })

  test.each([
    ['generator=rar, dalle', 'generator: unknown (found dalle, expected digit, mage, taming'],
    ['colour=1', /unknown axis 'colour' \(expected generator, checkpoint, stage2-checkpoint/],
    ['topk', 'topk: missing values (expected topk=VALUES)'],
    ['topp=0.5-1.5 (+0.5)', 'topp: 1.5 is out of range (expected 0 to 1)'],
  ])('%s is refused', (text, message) => {
    expect(() => parseAxis(text)).toThrow(message)
  })
})

describe('cells', () => {
  test('cover every combination; checkpoints change least often', () => {
    const axes = [parseAxis('temperature=0.9, 1'), parseAxis('checkpoint=a/last.pt,b/last.pt')]
    const cells = planSweep(base, axes)
    expect(cells.map(({ values }) => [values.checkpoint, values.temperature])).toEqual([
      ['a/last.pt', 0.9],
      ['a/last.pt', 1],
      ['b/last.pt', 0.9],
      ['b/last.pt', 1],
    ])
    expect(new Set(cells.map(({ name }) => name)).size).toBe(4)
    expect(cells[0]!.name).toMatch(/^checkpoint-a-last\.pt-[0-9a-f]{8}-temperature0\.9$/)
    expect(cells[3]!.spec).toEqual({
      ...base,
      choose: { stage1: 'b/last.pt' },
      stage1Sampling: { ...base.stage1Sampling, temperature: 1 },
    })
  })

  test('keep their names when the sweep is extended', () => {
    const names = (text: string) => planSweep(base, [parseAxis(text)]).map(({ name }) => name)
    expect(names('topk=50-200 [4]')).toEqual(expect.arrayContaining(names('topk=50, 200')))
  })

  test('of top-p replace top-k', () => {
    const [cell] = planSweep(base, [parseAxis('topp=0.8')])
    expect(cell!.spec.stage1Sampling).toEqual({ temperature: 1, topK: 0, topP: 0.8 })
  })

  test('have a cost in images and forward passes', () => {
    const cells = planSweep(base, [parseAxis('steps=4, 16')])
    expect(sweepCost(cells)).toEqual({ cells: 2, images: 128, passes: 64 * (256 + 4 + 256 + 16) })
  })

  test.each([
    [[], 'a sweep needs at least one axis'],
    [['topk=1', 'topk=2'], 'axis topk: given twice'],
    [['topk=1', 'topp=0.5'], 'axes topk and topp: mutually exclusive'],
    [['weights=12'], 'weights12: weightBits'],
    [['seed=1-200', 'topk=1-200'], 'too many cells (found 40000, maximum 10000)'],
  ])('%j is refused', (texts, message) => {
    expect(() => planSweep(base, texts.map(parseAxis))).toThrow(message)
  })

  test('an axis of steps is refused without masked decoding', () => {
    expect(() => planSweep({ ...base, stage2: 'ar' }, [parseAxis('steps=8')])).toThrow(
      'axis steps: only for stage 2 nar',
    )
  })
})
