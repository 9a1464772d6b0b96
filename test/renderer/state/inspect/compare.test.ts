// Images side by side: the step of each at a scrubber position, and where they differ.
import { describe, expect, it } from 'vitest'
import {
  differingCells,
  differingRows,
  isSameCodebook,
  positionsOf,
  stepAt,
  stepsOf,
  tokensAfter,
} from '../../../../src/renderer/state/inspect/compare.ts'
import { driftOf } from '../../../../src/renderer/state/images/drift.ts'
import { formatImages, parseImages } from '../../../../src/renderer/state/images/image-names.ts'
import { nearFirst } from '../../../../src/renderer/state/inspect/token-search.ts'
import type { ImageDetails } from '../../../../src/shared/contract/api.ts'

const autoregressive = { tokens: Int32Array.of(9, 8, 7, 6) }
const masked = { tokens: Int32Array.of(9, 8, 7, 6), steps: Int32Array.of(1, 0, 1, 0) }

describe('steps', () => {
  it('steps are one per cell, or those of masked decoding', () => {
    expect([stepsOf(autoregressive), stepsOf(masked)]).toEqual([4, 2])
    expect(positionsOf([autoregressive, masked])).toBe(4)
    expect(positionsOf([masked, masked])).toBe(2)
  })

  it('grids start and end together', () => {
    const at = (position: number) => [autoregressive, masked].map((grid) => stepAt(grid, position, 4))
    expect([0, 2, 4].map(at)).toEqual([
      [0, 0],
      [2, 1],
      [4, 2],
    ])
  })

  it('a step shows the tokens decoded so far', () => {
    expect([...tokensAfter(autoregressive, 2)]).toEqual([9, 8, -1, -1])
    expect([...tokensAfter(masked, 1)]).toEqual([-1, 8, -1, 6])
    expect([...tokensAfter(masked, 2)]).toEqual([9, 8, 7, 6])
    expect([...tokensAfter(masked, 0)]).toEqual([-1, -1, -1, -1])
  })
})

describe('differences', () => {
  it('cells differ by token', () => {
    const [first, other] = [Int32Array.of(1, 2, 3, 4), Int32Array.of(1, 5, 3, 6)]
    expect(differingCells(first, other)).toEqual([1, 3])
    expect(driftOf(first, other)).toEqual({
      kept: 0.5,
      changed: [
        { cell: 1, from: 2, to: 5 },
        { cell: 3, from: 4, to: 6 },
      ],
    })
  })

  it('recipe rows differ if any column has another value or none', () => {
    const details = (recipe: object): ImageDetails => ({ image: 1, codes: autoregressive, recipe })
    const rows = differingRows(
      [
        details({ seed: 1, weightBits: 32 }),
        undefined,
        details({ seed: 2, weightBits: 32, provider: 'cpu' }),
      ],
      [String, String, String],
    )
    expect(rows.map(({ label, values }) => [label, ...values])).toEqual([
      ['Seed', '1', '', '2'],
      ['Device', '', '', 'cpu'],
    ])
  })

  it('pinned tokens are a difference', () => {
    const image = (pinned?: Uint8Array): ImageDetails => ({
      image: 1,
      codes: { ...autoregressive, ...(pinned ? { pinned } : {}) },
      recipe: {},
    })
    const rows = differingRows([image(), image(Uint8Array.of(1, 0, 1, 1))], [String, String])
    expect(rows).toEqual([{ title: 'Pinned', label: 'Codes', values: ['', '3 of 4'] }])
  })
})

it('image names round-trip through an address; invalid ones are dropped', () => {
  const names = [
    { run: '20261123-1.a_b', image: 0 },
    { run: 'b', image: 12 },
  ]
  expect(parseImages(formatImages(names))).toEqual(names)
  expect(parseImages('../x:1,b:12,b,:3,b:-1,,')).toEqual([{ run: 'b', image: 12 }])
})

it('a search starts around the image on screen and reaches every image once', () => {
  const images = Array.from({ length: 1000 }, (_, i) => ({ image: i * 2 }))
  const order = nearFirst(images, 500)
  expect(order.slice(0, 3).sort()).toEqual([1000, 1002, 998])
  expect(new Set(order).size).toBe(1000)
  expect(order.indexOf(0)).toBeGreaterThan(100)
})

it('tokens are compared only where the codebook and the size of the grid are the same', () => {
  const of = (recipe: object, cells = 4): ImageDetails => ({
    image: 0,
    codes: { tokens: new Int32Array(cells) },
    recipe,
  })
  expect(isSameCodebook(of({ vqgan: 'a' }), of({ vqgan: 'a' }), 'codes')).toBe(true)
  expect(isSameCodebook(of({ vqgan: 'a' }), of({ vqgan: 'b' }), 'codes')).toBe(false)
  expect(isSameCodebook(of({ vqgan: 'a' }), of({ vqgan: 'a' }, 9), 'codes')).toBe(false)
  expect(isSameCodebook(of({}), of({ vqgan: 'a' }), 'codes')).toBe(true)
})
