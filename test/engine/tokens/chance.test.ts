// What chance alone gives between sets of tokens, against NumPy and SciPy: tools/referee/usage.py.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expectedInformation } from '../../../src/engine/tokens/adjusted-information.ts'
import { liftsOf } from '../../../src/engine/tokens/atlas/entry.ts'
import { membersToTable } from '../../../src/engine/tokens/atlas/table.ts'
import { usageFloor } from '../../../src/engine/tokens/atlas/usage-floor.ts'
import { ratioIntervals } from '../../../src/engine/tokens/atlas/usage-interval.ts'
import { compareCodebooks } from '../../../src/engine/tokens/compare-codebooks.ts'
import { mersenneTwister } from '../../../src/shared/mersenne-twister.ts'

const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/referee/usage.json'), 'utf8'),
)
const K: number = expected.entries
const setOf = (tokens: readonly number[]) => ({
  tokens: Int32Array.from(tokens),
  cells: expected.cells as number,
})
const [a, b] = [setOf(expected.a), setOf(expected.b)]

describe('the log-ratio of usage', () => {
  const found = ratioIntervals(a, b, K)

  test('has the interval of sums over images', () => {
    for (const [k, interval] of expected.intervals.entries()) {
      if (!interval) expect([found.low[k], found.high[k]]).toEqual([NaN, NaN])
      else {
        expect(found.low[k]).toBeCloseTo(interval[0], 5)
        expect(found.high[k]).toBeCloseTo(interval[1], 5)
      }
    }
  })

  test('has the error of a bootstrap of images, to a tenth', () => {
    for (const [k, error] of expected.bootstrap.entries()) {
      const own = (found.high[k]! - found.low[k]!) / (2 * 1.959964)
      expect(Math.abs(own / error - 1), `entry ${k}`).toBeLessThan(0.1)
    }
  })

  test('lists only entries that differ for certain, the most first', () => {
    expect(found.over).toEqual([3])
    expect(found.under).toEqual([0])
    const same = ratioIntervals(a, a, K)
    expect([same.over, same.under]).toEqual([[], []])
  })
})

test('divergences are of the same real images, for samples and for real images in their place', () => {
  const { jensenShannon, totalVariation, ...counts } = usageFloor(a, b, K)!
  const { jensenShannon: shannon, totalVariation: variation, ...others } = expected.floor
  expect(counts).toEqual(others)
  for (const name of ['samples', 'real'] as const) {
    expect(jensenShannon[name]).toBeCloseTo(shannon[name], 12)
    expect(totalVariation[name]).toBeCloseTo(variation[name], 12)
  }
  expect(usageFloor({ ...a, tokens: a.tokens.slice(0, 3 * 16) }, b, K)).toBeUndefined()
})

test('lifts have intervals of as many images as their cells are worth', () => {
  const cells = Uint32Array.from([...a.tokens.keys()].filter((at) => a.tokens[at] === 0))
  const grid = { side: 4, cells: expected.cells }
  const classes = Int32Array.from({ length: 60 }, (_, image) => image % 3)
  const found = liftsOf({ cells, grid }, classes, [20, 20, 20])
  expect(found.map(({ lift, low, high }) => [lift, low, high])).toEqual(
    expected.lifts.map((row: number[]) => row.map((value) => expect.closeTo(value, 10))),
  )
})

test('a class is named only for an entry whose lift is above 1 for certain', () => {
  // 40 images of 4 cells, of classes 0 and 1 in turn. Entry 0: a cell of every image of class 0. Entry 1: all cells of one.
  const cells = Uint32Array.from([...Array.from({ length: 20 }, (_, i) => 8 * i), 1, 2, 3])
  const members = { grid: { side: 2, cells: 4 }, starts: Uint32Array.of(0, 20, 23), cells }
  const classes = Int32Array.from({ length: 40 }, (_, image) => image % 2)
  const table = membersToTable(members, Uint32Array.of(20, 1), classes, [20, 20])
  expect([...table.topClass]).toEqual([0, -1])
  expect([...table.topClassLift]).toEqual([2, NaN])
})

test.each<{ a: number[]; b: number[]; expected: number }>(expected.information)(
  'the information that chance gives is the sum over the hypergeometric distribution: $expected',
  ({ a, b, expected: value }) => {
    expect(expectedInformation(a, b)).toBeCloseTo(value, 11)
    expect(expectedInformation(b, a)).toBeCloseTo(value, 11)
  },
)

test('unrelated codebooks of many entries agree by 0 after the adjustment, and far above 0 before', () => {
  const next = mersenneTwister(5)
  const random = (entries: number) =>
    Int32Array.from({ length: 40 * 256 }, () => Math.floor((next() / 2 ** 32) * entries))
  const found = compareCodebooks(
    { images: 40, entries: 1000, tokens: random(1000) },
    { images: 40, entries: 1000, tokens: random(1000) },
  )
  expect(found.normalisedMutualInformation).toBeGreaterThan(0.6)
  // Its deviation over draws is about 0.002.
  expect(Math.abs(found.adjustedMutualInformation!)).toBeLessThan(0.01)
  const own = { images: 40, entries: 50, tokens: random(50) }
  expect(compareCodebooks(own, own).adjustedMutualInformation).toBeCloseTo(1, 12)
})
