// Lassos: address round trip, and the points inside.
import { expect, it } from 'vitest'
import {
  lassoText,
  pointsInside,
  simplified,
  textToLasso,
} from '../../../../src/renderer/state/clusters/lasso.ts'
import { placePoints } from '../../../../src/renderer/components/chart/point-places.ts'

const plane = Float32Array.of(0.5, 0.5, 2, 2, -0.5, 0.5, 0.9, 0.1)
const SQUARE = [0, 0, 1, 0, 1, 1, 0, 1]

it('a lasso contains the points inside, also of a concave shape', () => {
  expect([...pointsInside(plane, { map: 'pca', corners: SQUARE })]).toEqual([0, 3])
  // The first point is in the bay.
  const bay = [0, 0, 1, 0, 1, 1, 0.9, 1, 0.9, 0.2, 0.1, 0.2, 0.1, 1, 0, 1]
  expect([...pointsInside(plane, { map: 'pca', corners: bay })]).toEqual([3])
})

it('a lasso round-trips through an address', () => {
  const drawn = Array.from({ length: 700 }, (_, i) => Math.sin(i) * 123.456789)
  const lasso = simplified('umap', drawn)
  expect(lasso.corners).toHaveLength(80)
  expect(textToLasso(lassoText(lasso))).toEqual(lasso)
  expect(simplified('pca', [...SQUARE, 1e-9, -3e7]).corners.slice(-2)).toEqual([1e-9, -3e7])
  expect(textToLasso(lassoText(simplified('pca', [...SQUARE, 1e-9, -3e7])))).toBeDefined()
})

it.each([
  undefined,
  '',
  'pca:',
  'pca:1,2',
  'pca:1,2,3,4,5',
  'tsne:0,0,1,0,1,1',
  'pca:a,0,1,0,1,1',
  'pca:0,,1,0,1,1x',
])('%j is not a lasso', (text) => expect(textToLasso(text)).toBeUndefined())

it('a lasso keeps its place in a window of any size', () => {
  const { placed, toPlane, toPixels } = placePoints(plane, 640, 480)
  const back = toPlane(toPixels(SQUARE))
  back.forEach((value, i) => expect(value).toBeCloseTo(SQUARE[i]!, 9))
  expect(Array.from(placed)).toEqual(Array.from(Float32Array.from(toPixels(Array.from(plane)))))
  expect(Math.min(...placed)).toBeGreaterThanOrEqual(16 - 1e-3)
})
