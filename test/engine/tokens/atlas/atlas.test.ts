// Every statistic of the atlas against plain loops over the cells of a made-up data set.
import { describe, expect, it } from 'vitest'
import { DIRECTIONS } from '../../../../src/shared/atlas/atlas.ts'
import { besideCounts, cellsWithNeighbour } from '../../../../src/engine/tokens/atlas/beside.ts'
import { compareUsage } from '../../../../src/engine/tokens/atlas/compare-usage.ts'
import {
  bandsOf,
  classesOf,
  classLifts,
  liftsOf,
  distanceHistogram,
  entropy,
  positionsOf,
} from '../../../../src/engine/tokens/atlas/entry.ts'
import { tokensToMembers } from '../../../../src/engine/tokens/atlas/members.ts'
import { imagesPerClass, membersToTable, perplexity } from '../../../../src/engine/tokens/atlas/table.ts'
import { isRare } from '../../../../src/shared/atlas/atlas.ts'
import {
  distinctEntries,
  imagesPerEntry,
  LIFT_MIN_IMAGES,
  togetherCounts,
} from '../../../../src/engine/tokens/atlas/together.ts'
import { cells, cellsOf, CLASSES, columns, countOf, entropyOf, IMAGES, K } from './made-up.ts'

const TOP = 5
const members = tokensToMembers(columns, K)
const distinct = distinctEntries(columns, K)
const entries = Array.from({ length: K }, (_, entry) => entry)
const ofEntry = (entry: number) => ({
  grid: columns.grid,
  cells: members.cells.subarray(members.starts[entry]!, members.starts[entry + 1]!),
  distances: members.distances!.subarray(members.starts[entry]!, members.starts[entry + 1]!),
})
const pairs = (counts: Int32Array, list: number) =>
  Array.from({ length: TOP }, (_, i) => [
    ...counts.slice((list * TOP + i) * 2, (list * TOP + i + 1) * 2),
  ]).filter(([entry]) => entry! >= 0)
/** Highest first, ties by number. */
const ranked = (scores: readonly (readonly [entry: number, score: number, count: number])[]) =>
  scores
    .toSorted((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, TOP)
    .map(([entry, , count]) => [entry, count])

describe('members', () => {
  it('are the cells of each entry, nearest first, ties by number', () => {
    for (const entry of entries) {
      const expected = cells
        .map((cell, number) => ({ ...cell, number }))
        .filter(({ token }) => token === entry)
        .sort((a, b) => a.distance - b.distance || a.number - b.number)
      const found = ofEntry(entry)
      expect([...found.cells]).toEqual(expected.map(({ number }) => number))
      expect([...found.distances]).toEqual(expected.map(({ distance }) => distance))
    }
  })

  it('are in raster order without distances', () => {
    const { distances: _, ...bare } = columns
    const plain = tokensToMembers(bare, K)
    expect(plain.distances).toBeUndefined()
    expect([...plain.cells.slice(0, plain.starts[1])]).toEqual(
      cells.flatMap(({ token }, number) => (token === 0 ? [number] : [])),
    )
  })
})

describe('the table', () => {
  const classImages = imagesPerClass(columns.classes)
  const images = imagesPerEntry(distinct, K)
  const table = membersToTable(members, images, columns.classes, classImages)
  const labelled = cells.filter(({ image }) => columns.classes[image]! >= 0)

  it('counts cells, images and classes', () => {
    expect([...classImages]).toEqual([10, 10, 10, 9])
    for (const entry of entries) {
      const own = cellsOf(entry)
      expect([table.cells[entry], table.images[entry]]).toEqual([
        own.length,
        new Set(own.map(({ image }) => image)).size,
      ])
    }
    expect([...table.cells.slice(21)]).toEqual([0, 0])
  })

  it.each(entries)('has the means, entropies and class of highest lift of entry %i', (entry) => {
    const own = cellsOf(entry)
    if (own.length === 0) {
      expect([table.distance[entry], table.classEntropy[entry], table.topClass[entry]]).toEqual([
        NaN,
        NaN,
        -1,
      ])
      return
    }
    const inClass = Array.from({ length: CLASSES }, (_, label) =>
      countOf(own, ({ image }) => columns.classes[image] === label),
    )
    const ownLabelled = inClass.reduce((sum, count) => sum + count, 0)
    const lifts = inClass.map(
      (count, label) =>
        count /
        ownLabelled /
        (countOf(labelled, ({ image }) => columns.classes[image] === label) / labelled.length),
    )
    const positions = Array.from({ length: 256 }, (_, p) =>
      countOf(own, ({ row, column }) => row * 16 + column === p),
    )
    expect(table.distance[entry]).toBeCloseTo(
      own.reduce((sum, { distance }) => sum + distance, 0) / own.length,
      4,
    )
    expect(table.classEntropy[entry]).toBeCloseTo(entropyOf(inClass), 5)
    expect(table.positionEntropy[entry]).toBeCloseTo(entropyOf(positions), 5)
    const certain = liftsOf(ofEntry(entry), columns.classes, classImages).filter(({ low }) => low > 1)
    const [top] = certain.sort((a, b) => b.lift - a.lift)
    expect(table.topClass[entry]).toBe(top?.class ?? -1)
    expect(table.topClassLift[entry]).toEqual(top ? expect.closeTo(top.lift, 5) : NaN)
    expect([...positionsOf(ofEntry(entry))]).toEqual(positions)
    const found = classesOf(ofEntry(entry), columns.classes, CLASSES)
    expect([...found]).toEqual(inClass)
    classLifts(found, classImages).forEach((lift, label) => expect(lift).toBeCloseTo(lifts[label]!, 10))
  })

  it('marks dead and rare entries, and has the perplexity of usage', () => {
    const mean = cells.length / K
    for (const entry of entries) {
      const own = cellsOf(entry).length
      expect(isRare(own, cells.length, K)).toBe(own > 0 && own < mean / 10)
    }
    expect(perplexity(table.cells)).toBeCloseTo(
      Math.exp(entropyOf(entries.map((entry) => cellsOf(entry).length))),
      8,
    )
    expect([entropy([]), entropy([5]), entropy([0, 0])]).toEqual([0, 0, 0])
  })
})

describe('neighbors in the grid', () => {
  const STEP = { right: [0, 1], left: [0, -1], above: [-1, 0], below: [1, 0] } as const
  const counts = besideCounts(columns.tokens, members, TOP)

  it.each(DIRECTIONS.map((direction, d) => [direction, d] as const))(
    'are counted to the %s',
    (direction, d) => {
      const [dy, dx] = STEP[direction]
      for (const entry of entries) {
        const beside = cellsOf(entry).flatMap(({ image, row, column }) =>
          cells
            .slice(image * 256, image * 256 + 256)
            .filter((other) => other.row === row + dy && other.column === column + dx),
        )
        const tally = entries.map((other) => countOf(beside, ({ token }) => token === other))
        const expected = ranked(tally.flatMap((count, other) => (count > 0 ? [[other, count, count]] : [])))
        expect(pairs(counts, entry * 4 + d)).toEqual(expected)
        expect(cellsWithNeighbour(positionsOf(ofEntry(entry)), direction, columns.grid)).toBe(beside.length)
      }
    },
  )
})

it('entries in the same images are ranked by count and by lift', () => {
  const counts = togetherCounts(distinct, members, TOP)
  const imagesOf = entries.map((entry) => new Set(cellsOf(entry).map(({ image }) => image)))
  let limited = 0
  for (const entry of entries) {
    const others = entries.filter((other) => other !== entry)
    const together = others.map(
      (other) => [other, countOf([...imagesOf[other]!], (i) => imagesOf[entry]!.has(i))] as const,
    )
    const seen = together.filter(([, count]) => count > 0)
    expect(pairs(counts, entry * 2)).toEqual(ranked(seen.map(([other, count]) => [other, count, count])))
    const enough = seen.filter(([, count]) => count >= LIFT_MIN_IMAGES)
    limited += seen.length - enough.length
    const byLift = enough.map(
      ([other, count]) =>
        [other, (count * IMAGES) / (imagesOf[entry]!.size * imagesOf[other]!.size), count] as const,
    )
    const found = pairs(counts, entry * 2 + 1)
    const liftOf = new Map(byLift.map(([other, lift]) => [other, lift]))
    // Equal lifts may round apart: what must agree are the lifts, place by place.
    expect(found.map(([other]) => liftOf.get(other!)!.toFixed(9))).toEqual(
      byLift
        .map(([, lift]) => lift)
        .sort((a, b) => b - a)
        .slice(0, TOP)
        .map((lift) => lift.toFixed(9)),
    )
    for (const [other, count] of found) expect(count).toBe(new Map(seen).get(other!))
  }
  expect(limited).toBeGreaterThan(0)
})

describe('one entry', () => {
  it('has its distances in bins of equal width', () => {
    const { distances } = ofEntry(0)
    const { from, to, counts } = distanceHistogram(distances)!
    expect([from, to]).toEqual([Math.min(...distances), Math.max(...distances)])
    const width = (to - from) / counts.length
    const expected = Array.from(counts, (_, bin) =>
      countOf([...distances], (d) => Math.min(counts.length - 1, Math.floor((d - from) / width)) === bin),
    )
    expect([...counts]).toEqual(expected)
    expect(distanceHistogram(new Float32Array())).toBeUndefined()
    expect([...distanceHistogram(Float32Array.of(2, 2))!.counts].slice(0, 2)).toEqual([2, 0])
  })

  it('has bands that cover every cell once, from the nearest to the farthest', () => {
    const own = ofEntry(0)
    const bands = bandsOf(own, 4)
    expect(bands.reduce((sum, band) => sum + band.cells, 0)).toBe(own.cells.length)
    expect([bands[0]!.from, bands.at(-1)!.to]).toEqual([0, 1])
    expect(bands[0]!.examples.map(({ distance }) => distance)).toEqual([...own.distances.slice(0, 4)])
    expect(bands.at(-1)!.examples.map(({ distance }) => distance)).toEqual([...own.distances.slice(-4)])
    const all = bands.flatMap(({ examples }) => examples.map(({ distance }) => distance!))
    expect(all).toEqual(all.toSorted((a, b) => a - b))
    for (const { image, cell } of bands.flatMap(({ examples }) => examples))
      expect(columns.tokens[image * 256 + cell]).toBe(0)
    expect(bandsOf({ grid: columns.grid, cells: new Uint32Array() }, 4)).toEqual([])
    expect(bandsOf({ grid: columns.grid, cells: Uint32Array.of(5, 300) }, 4)).toEqual([
      {
        from: 0,
        to: 1,
        cells: 2,
        examples: [
          { image: 0, cell: 5 },
          { image: 1, cell: 44 },
        ],
      },
    ])
  })
})

describe('usage in two data sets', () => {
  it('divergences match their definitions', () => {
    const [a, b] = [
      [8, 2, 0, 0],
      [1, 3, 4, 0],
    ]
    const [p, q] = [
      [0.8, 0.2, 0, 0],
      [0.125, 0.375, 0.5, 0],
    ]
    const kl = (x: readonly number[], y: readonly number[]) =>
      x.reduce((sum, value, k) => (value === 0 ? sum : sum + value * Math.log(value / y[k]!)), 0)
    const middle = p.map((value, k) => (value + q[k]!) / 2)
    const [sp, sq] = [a.map((x) => (x + 0.5) / 12), b.map((x) => (x + 0.5) / 10)]
    const found = compareUsage(a, b)
    expect(found.jensenShannon).toBeCloseTo((kl(p, middle) + kl(q, middle)) / 2, 12)
    expect(found.totalVariation).toBeCloseTo((0.675 + 0.175 + 0.5) / 2, 12)
    expect(found.kullbackLeibler.ofAFromB).toBeCloseTo(kl(sp, sq), 12)
    expect(found.kullbackLeibler.ofBFromA).toBeCloseTo(kl(sq, sp), 12)
    const ratios = [...found.logRatio]
    // The last entry is used in neither.
    expect(ratios.pop()).toBeNaN()
    ratios.forEach((ratio, k) => expect(ratio).toBeCloseTo(Math.log2(sq[k]! / sp[k]!), 5))
    expect([found.onlyA, found.onlyB, found.neither]).toEqual([0, 1, 1])
  })

  it('equal usage has divergence 0, disjoint usage the maximum', () => {
    expect(compareUsage([3, 6], [1, 2])).toMatchObject({ jensenShannon: 0, totalVariation: 0 })
    const apart = compareUsage([5, 0], [0, 7])
    expect([apart.jensenShannon, apart.totalVariation]).toEqual([Math.LN2, 1])
    expect(() => compareUsage([1], [1, 2])).toThrow('numbers of entries differ (1 and 2)')
  })
})
