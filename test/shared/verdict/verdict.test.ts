// Looks, outcomes and sentences of verdicts, without images.
import { describe, expect, test } from 'vitest'
import { ERROR_RATE, levelOfLook, nextLook, pairsOf } from '../../../src/shared/verdict/looks.ts'
import { intervalPanel } from '../../../src/shared/verdict/interval-curves.ts'
import { hasTime, outcomeOf } from '../../../src/shared/verdict/outcome.ts'
import {
  amount,
  otherDistance,
  paperSentence,
  verdictLatex,
  verdictSentence,
  type Told,
} from '../../../src/shared/verdict/sentence.ts'
import { chartCsv } from '../../../src/shared/figures/paper/chart-data.ts'
import { PanelSchema } from '../../../src/shared/figures/panels.ts'
import { checkSettings, settingWords } from '../../../src/shared/verdict/settings.ts'
import type { Look } from '../../../src/shared/verdict/verdict.ts'

const compared = (difference: number, half: number) => ({
  difference,
  error: half / 2,
  low: difference - half,
  high: difference + half,
})
const look = (
  n: number,
  pairs: Look['pairs'],
  fd: Record<string, number>,
  beaten: Record<string, string> = {},
): Look => ({
  n,
  level: 0.025,
  resamples: 200,
  settings: Object.entries(fd).map(([name, value]) => ({
    name,
    fd: value,
    ...(beaten[name] ? { beatenBy: beaten[name] } : {}),
  })),
  pairs,
  images: 2 * n,
  seconds: 2 * n,
  at: '2026-11-29T12:00:00.000Z',
})
const cell = (value: number) => settingWords({ name: `temperature${value}`, values: { temperature: value } })
const two = (looks: readonly Look[]): Told => ({
  settings: [cell(0.9), cell(1.1)],
  looks,
  by: 'fd',
  protocol: 'torch-fidelity',
  reference: 'val.npz',
})
const [a, b] = ['temperature0.9', 'temperature1.1']
const clear = look(
  256,
  [{ a, b, fd: compared(-21.4, 12.5), kid: compared(-0.004, 0.003) }],
  { [a]: 30, [b]: 51.4 },
  { [b]: a },
)
const unclear = look(256, [{ a, b, fd: compared(3, 9) }], { [a]: 51, [b]: 48 })

describe('looks', () => {
  test('they double up to the budget', () => {
    const looks = (budget: number, from = 0) => {
      const found: number[] = []
      for (let n = nextLook(from, budget); n !== undefined; n = nextLook(n, budget)) found.push(n)
      return found
    }
    expect(looks(300)).toEqual([64, 128, 256, 300])
    expect(looks(32)).toEqual([32])
    expect(looks(256)).toEqual([64, 128, 256])
    // A raised budget goes on from the last look.
    expect(looks(512, 300)).toEqual([512])
  })

  test('the levels of any number of looks and all pairs add up to the error rate at most', () => {
    const pairs = pairsOf(4)
    expect(pairs).toBe(6)
    let sum = 0
    for (let k = 1; k <= 1000; k++) sum += pairs * levelOfLook(k, pairs)
    expect(sum).toBeLessThan(ERROR_RATE)
    expect(sum).toBeGreaterThan(0.99 * ERROR_RATE)
    expect(levelOfLook(1, 1)).toBe(0.025)
  })
})

test('a further look needs time for its images at the rate so far', () => {
  // 512 images took 512 seconds; 512 more would end after 1024.
  expect(hasTime([unclear], 512, undefined)).toBe(true)
  expect(hasTime([unclear], 512, 18)).toBe(true)
  expect(hasTime([unclear], 512, 17)).toBe(false)
  expect(hasTime([], 64, 0.1)).toBe(true)
})

test('the intervals become a panel of a figure', () => {
  const first = look(64, [{ a, b, fd: compared(-30, 40) }], { [a]: 60, [b]: 90 })
  const panel = intervalPanel(two([first, clear]))
  const { series, x } = PanelSchema.parse(panel) as typeof panel
  expect(x.scale).toBe('log')
  // 1.1 minus 0.9: positive where 0.9 is better.
  expect(series).toMatchObject([
    {
      label: '1.1 minus 0.9',
      points: [
        [64, 30],
        [256, 21.4],
      ],
      errors: [40, 12.5],
    },
  ])
  expect(chartCsv(panel).split('\r\n')[0]).toContain(',half of the 95 % interval,')
  expect(intervalPanel(two([])).series).toEqual([])
})

describe('the answer', () => {
  test('names the better setting, the difference, its interval and the images', () => {
    expect(verdictSentence(two([clear]))).toBe(
      'Temperature 0.9 is better than 1.1: FID lower by 21.4, 95 % interval 8.90 to 33.9, 256 images each.',
    )
    expect(otherDistance(two([clear]))).toBe('KID agrees: lower by 0.00400 than 1.1 (0.00100 to 0.00700).')
    expect(otherDistance(two([unclear]))).toBeUndefined()
  })

  test('says what is missing if it cannot tell', () => {
    expect(verdictSentence(two([]))).toBe('No images compared yet.')
    const { more, decided, leader } = outcomeOf([unclear], 'fd')!
    expect([decided, leader]).toEqual([false, b])
    // The interval must shrink by three: more than nine times the images, less than with the width of the last level.
    expect(more).toBeGreaterThan(8 * 256)
    expect(more).toBeLessThan(24 * 256)
    expect(verdictSentence(two([unclear]))).toMatch(
      /^Cannot tell: FID of temperature 1.1 is lower by 3.00 than 0.9 \(95 % interval −6.00 to 12.0\), 256 images each; about [\d,]+ more images each, [\d.]+ h, would decide a difference of this size\.$/,
    )
  })

  test('a difference of nothing needs no number of images', () => {
    const none = look(256, [{ a, b, fd: compared(0.001, 9) }], { [a]: 48.001, [b]: 48 })
    expect(verdictSentence(two([none]))).toContain('a difference, if there is one, is smaller than 9.00')
  })

  test('of several settings, those that are beaten stay beaten', () => {
    const c = 'temperature1.3'
    const pair = (a: string, b: string, difference: number, half: number) => ({
      a,
      b,
      fd: compared(difference, half),
    })
    const first = look(
      64,
      [pair(a, b, -3, 9), pair(a, c, -40, 20), pair(b, c, -37, 20)],
      { [a]: 48, [b]: 51, [c]: 88 },
      { [c]: a },
    )
    const settings = [cell(0.9), cell(1.1), cell(1.3)]
    const told = { ...two([first]), settings }
    expect(verdictSentence(told)).toMatch(
      /^Cannot tell: FID of temperature 0.9 is lower by 3.00 than 1.1 .* 1.3 is worse\.$/,
    )
    const second = look(128, [pair(a, b, -8, 5)], { [a]: 40, [b]: 48, [c]: 88 }, { [b]: a, [c]: a })
    expect(verdictSentence({ ...told, looks: [first, second] })).toBe(
      'Temperature 0.9 is the best of 3: FID lower by 8.00 (3.00 to 13.0, 128 images each) than 1.1 and 40.0 (20.0 to 60.0, 64 images each) than 1.3; 95 % intervals together.',
    )
  })

  test('numbers have three digits', () => {
    expect([0, 0.0041234, 8.9, 33.94, 512.4, -0.3].map(amount)).toEqual([
      '0.00',
      '0.00412',
      '8.90',
      '33.9',
      '512',
      '−0.300',
    ])
  })
})

test('the sentence for a paper names the method, and the table has a row for each setting', () => {
  expect(paperSentence(two([clear]))).toBe(
    'With temperature 0.9, FID against val.npz is 21.4 lower than with 1.1 (95% interval 8.90 to 33.9, 256 images each); paired bootstrap over the shared seeds, 200 resamples, fixed reference, repeated looks with a total error rate of at most 5%.',
  )
  expect(paperSentence(two([unclear]))).toContain(', which is not significant;')
  const lines = verdictLatex(two([clear])).split('\n')
  expect(lines.slice(0, 3)).toEqual([
    '% Setting & n & FID & Difference to the best & 95 % interval',
    'Temperature 0.9 & 256 & -- & -- & -- \\\\',
    'Temperature 1.1 & 256 & -- & +21.4 & 8.90 to 33.9 \\\\',
  ])
})

test('settings of other seeds, of one value or of too few images are no question', () => {
  const cells = (name: string, ...values: number[]) => values.map((value) => ({ values: { [name]: value } }))
  expect(() => checkSettings(cells('topk', 1, 2), 64)).not.toThrow()
  expect(() => checkSettings(cells('seed', 1, 2), 64)).toThrow(
    'axis seed: a verdict compares settings on the same seeds',
  )
  expect(() => checkSettings(cells('topk', 1), 64)).toThrow('a verdict compares 2 to 8 settings (found 1)')
  expect(() => checkSettings(cells('topk', 1, 2), 8)).toThrow('at least 24 images of each setting (found 8)')
})
