// Attention over positions -> values on the grids: selected, placed and worded.
import { shareWords } from '../../../../src/renderer/state/app/words.ts'
import { expect, it } from 'vitest'
import {
  changePixels,
  depthIn,
  headIn,
  largest,
  onGrids,
  placeOf,
  sharePixels,
  sumOfGrids,
  visibleCells,
  weightsAt,
} from '../../../../src/renderer/state/inspect/why.ts'
import { measurable } from '../../../../src/renderer/state/inspect/influence.ts'
import type { CellAttention, CellInput } from '../../../../src/shared/run/attention.ts'

const lens = {
  probabilities: new Float32Array(3),
  ranks: new Int32Array(3),
  entropies: new Float32Array(3),
  top: 0,
  tokens: new Int32Array(),
  tokenProbabilities: new Float32Array(),
}
/** Stage 2 on a grid of 4 cells: four tokens, the start, and the codes before cell 2. */
const input: CellInput = { cells: 4, prefix: 4, positions: 7, position: 6, start: 'symbol' }
const attention: CellAttention = {
  input,
  layers: 2,
  heads: 2,
  weights: Float32Array.from({ length: 28 }, (_, i) => (i % 7 === Math.floor(i / 7) ? 0.75 : 0.25 / 6)),
  rollout: new Float32Array(7).fill(1 / 7),
  lens,
  logProbability: -1,
}

it('layers and heads are selected, or averaged', () => {
  const near = (values: Float32Array) => Array.from(values, (value) => Number(value.toFixed(4)))
  const rest = 0.0417
  expect(near(weightsAt(attention, 2, 1))).toEqual([rest, rest, 0.75, rest, rest, rest, rest])
  expect(near(weightsAt(attention, 1, 'mean'))).toEqual([0.3958, 0.3958, rest, rest, rest, rest, rest])
  expect(near(weightsAt(attention, 'mean', 2))).toEqual([rest, 0.3958, rest, 0.3958, rest, rest, rest])
  expect(weightsAt(attention, 'mean', 'mean').reduce((a, b) => a + b)).toBeCloseTo(1, 6)
  expect(weightsAt(attention, 'rollout', 2)).toBe(attention.rollout)
  expect([depthIn('rollout', 2), depthIn('2', 2), depthIn('3', 2), depthIn(undefined, 2)]).toEqual([
    'rollout',
    2,
    'mean',
    'mean',
  ])
  expect([headIn('2', 2), headIn('0', 2), headIn('x', 2)]).toEqual([2, 'mean', 'mean'])
})

it('positions are cells of two grids, and the start is neither', () => {
  const values = [1, 2, 3, 4, 100, 5, 6]
  const grids = onGrids(input, 'codes', values)
  expect(grids.discriminative).toEqual(Float32Array.of(1, 2, 3, 4))
  expect(grids.codes).toEqual(Float32Array.of(5, 6, NaN, NaN))
  expect(sumOfGrids(grids)).toEqual(Float32Array.of(6, 8, 3, 4))
  expect([3, 4, 5].map((position) => placeOf(input, 'codes', position))).toEqual([
    { grid: 'discriminative', cell: 3 },
    'start',
    { grid: 'codes', cell: 0 },
  ])
  const alone = onGrids({ ...input, prefix: 0, positions: 3 }, 'discriminative', [9, 1, 2])
  expect(alone).toEqual({ discriminative: Float32Array.of(1, 2, NaN, NaN) })
})

it('cells that are not in the input are transparent', () => {
  const alpha = (pixels: Uint8ClampedArray) => [pixels[3], pixels[7]]
  const values = Float32Array.of(0.5, NaN)
  expect(alpha(sharePixels(values, { least: 0, most: 1, logarithmic: false }))).toEqual([255, 0])
  expect(alpha(changePixels(values, 1))).toEqual([255, 0])
})

it('the most attended positions come first, without those already masked', () => {
  expect(largest([0.1, -0.4, 0, NaN, 0.4], 3)).toEqual([1, 4, 0])
  const masked = Uint8Array.of(0, 1, 1, 0)
  const input: CellInput = { cells: 4, prefix: 4, positions: 9, position: 6, start: 'symbol', masked }
  const weights = Float32Array.from({ length: 9 }, (_, at) => at / 36)
  const nar = { ...attention, input, layers: 1, heads: 1, weights }
  expect(measurable(nar)).toEqual([8, 5, 4, 3, 2, 1, 0])
  expect(visibleCells(input)).toEqual([0, 3])
  expect(measurable({ ...attention, input: { ...input, prefix: 0, positions: 1 } })).toEqual([])
})

it('shares are in percent', () => {
  const words = [1, 0.9962, 0.123, 0.0512, 0.0034, 0.0004, 1e-6, 0].map(shareWords)
  expect(words).toEqual(['100 %', '99.6 %', '12 %', '5.1 %', '0.34 %', '0.04 %', '<0.001 %', '0 %'])
})
