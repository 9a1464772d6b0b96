import { expect, it } from 'vitest'
import { cosinesTo, patchOf } from '../../../../src/renderer/state/regions/patch-similarity.ts'

it('similarity is the cosine of the angle between the features', () => {
  const features = Float32Array.from([1, 0, 2, 0, 0, 3, -4, 0, 3, 4, 0, 0])
  const cosines = cosinesTo(features, patchOf(features, 2, 0))
  expect(Array.from(cosines, (value) => Number(value.toFixed(6)))).toEqual([1, 1, 0, -1, 0.6, 0])
  // Its length does not matter.
  expect(cosinesTo(features, Float32Array.from([9, 0]))).toEqual(cosines)
})

it('uses the features of the given patch', () => {
  expect(Array.from(patchOf(Float32Array.from([1, 2, 3, 4, 5, 6]), 3, 1))).toEqual([4, 5, 6])
})
