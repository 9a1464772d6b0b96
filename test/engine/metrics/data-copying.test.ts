// C_T and AuthPct against the original formulas (tools/metrics/data_copying.py).
import { describe, expect, test } from 'vitest'
import {
  authenticity,
  dataCopying,
  rankScore,
  rowsInMemory,
  type FeatureRows,
} from '../../../src/engine/metrics/index.ts'

/** Three groups far apart, so that every K-Means finds the same cells. */
const value = (i: number, j: number, shift: number) =>
  Math.sin(i * 12.9898 + j * 78.233 + shift) + (i % 3 === j ? 40 : 0)
const rows = (count: number, shift: number, changed = (found: number, _i: number, _j: number) => found) =>
  rowsInMemory(
    Float32Array.from({ length: count * 4 }, (_, at) => {
      const [i, j] = [Math.floor(at / 4), at % 4]
      return changed(Math.fround(value(i, j, shift)), i, j)
    }),
    4,
  )
const training = rows(90, 0)
const heldOut = rows(60, 1)
const copied = rows(120, 2, (found, i, j) => (i < 40 ? Math.fround(value(i, j, 0)) + 0.01 : found))
const percent = (samples: FeatureRows) => authenticity(samples, training)

describe('samples of which a third are nearly copies', () => {
  test('have the C_T of the original over three cells', async () => {
    const found = await dataCopying(copied, heldOut, training)
    expect(found!.cells).toBe(3)
    // Ranks are exact; only the order of a sum differs.
    expect(found!.score).toBeCloseTo(-1.5027865737817856, 10)
  })

  test('have the AuthPct of the original, below that of held-out images', async () => {
    expect(await percent(copied)).toBeCloseTo(49.166666666666664, 10)
    expect(await percent(heldOut)).toBe(75)
  })
})

test('a rank score counts ties half, with the correction for continuity', () => {
  expect(rankScore([1, 2, 2, 5], [2, 3, 4])).toBeCloseTo(-0.5303300858899106, 12)
})

test('cells with 20 samples or fewer are left out, and the score is missing if all are', async () => {
  expect(await dataCopying(rows(60, 2), heldOut, training)).toBeUndefined()
})
