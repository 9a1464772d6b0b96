// VAR's sums of scales against what the original classes computed.
import { afterAll, expect, test } from 'vitest'
import { startsOf } from '../../../../src/engine/models/scale-sides.ts'
import { SCALE_SIDES } from '../../../../src/shared/grid/layout.ts'
import { enlarging, reducing, scaleMaps, scaleSum } from '../../../../src/engine/models/scales.ts'
import { inferVqganConfig } from '../../../../src/engine/models/vqgan-config.ts'
import { contextOf } from '../../../../src/engine/models/vqgan-layers.ts'
import { tensor } from '../../../../src/engine/session/index.ts'
import { maxDifference, runGraph, values } from '../run-graph.ts'
import { closeFixtures, references, tensorsOf } from './fixture.ts'

afterAll(closeFixtures)

/** A matrix [rows, columns] times a column. */
const product = (matrix: Float32Array, column: readonly number[]): number[] =>
  Array.from({ length: matrix.length / column.length }, (_, row) =>
    column.reduce((sum, value, i) => sum + matrix[row * column.length + i]! * value, 0),
  )

test('maps are enlarged and reduced as in PyTorch', async () => {
  const expected = await references('var', ['resize_map', 'resize_bicubic', 'resize_area'])
  const map = expected.resize_map!
  const small = SCALE_SIDES.slice(0, -1)
  const corners = small.map((side) => map.filter((_, i) => Math.floor(i / 16) < side && i % 16 < side))
  const enlarged = small.flatMap((side, k) => product(enlarging(side, 16), corners[k]!))
  expect(maxDifference(enlarged, expected.resize_bicubic!)).toBeLessThan(1e-5)
  const reduced = SCALE_SIDES.slice(1).flatMap((side) =>
    side === 16 ? map : product(reducing(16, side), map),
  )
  expect(maxDifference(reduced, expected.resize_area!)).toBeLessThan(1e-5)
})

test('the maps that a scale sees are the original ones, whatever codes follow', async () => {
  const tensors = await tensorsOf('var', 'vqgan')
  const expected = await references('var', ['input_tokens', 'input_maps'])
  const codes = expected.input_tokens!.slice(0, 680)
  const start = startsOf(SCALE_SIDES)[5]!
  const first = codes.map((code, at) => (at < start ? code : -1))
  const { maps } = await runGraph(scaleMaps(tensors, inferVqganConfig(tensors)), {
    codes: tensor('i64', [...codes, ...first], [2, 680]),
  })
  const all = values(maps)
  const [whole, part] = [all.slice(0, all.length / 2), all.slice(all.length / 2)]
  expect(maxDifference(whole, expected.input_maps!)).toBeLessThan(1e-4)
  const width = whole.length / 679
  const known = (start + 36 - 1) * width
  expect(part.slice(0, known)).toEqual(whole.slice(0, known))
  expect(part.slice(known)).not.toEqual(whole.slice(known))
})

test('the sum after each scale is the original one, without the codes of later scales', async () => {
  const tensors = await tensorsOf('var', 'vqgan')
  const expected = await references('var', ['sampled_tokens', 'f_hat'])
  const starts = [...startsOf(SCALE_SIDES).slice(1), 680]
  const codes = starts.flatMap((end) =>
    expected.sampled_tokens!.slice(0, 680).map((code, at) => (at < end ? code : -1)),
  )
  const context = contextOf('scale_sum', tensors, inferVqganConfig(tensors))
  const { g } = context
  g.output('sum', scaleSum(context, g.input('codes', 'i64', ['B', 680]), SCALE_SIDES))
  const { sum } = await runGraph(g.build(), { codes: tensor('i64', codes, [SCALE_SIDES.length, 680]) })
  expect(maxDifference(values(sum), expected.f_hat!)).toBeLessThan(1e-4)
})
