// Features -> colours: exact for features whose components are known.
import { expect, it } from 'vitest'
import { foregroundOf, patchColours } from '../../../src/engine/tokens/patch-colours.ts'

const D = 5
const GRID = 16

/** One picture: feature i of a patch by its row and column. */
const features = (...along: ((row: number, column: number) => number)[]): Float32Array =>
  Float32Array.from({ length: 256 * D }, (_, i) => {
    const patch = Math.floor(i / D)
    return along[i % D]?.(Math.floor(patch / GRID), patch % GRID) ?? 0
  })
/** Whether a patch lies in the 4 x 4 square in the middle. */
const isMiddle = (row: number, column: number) => row >= 6 && row < 10 && column >= 6 && column < 10

it('gives each direction a color of its own, the widest red', () => {
  // Rows and columns vary independently; a third direction tells odd from even cells. The fourth is constant.
  const made = features(
    (row) => 100 + 3 * row,
    (_, column) => 2 * column,
    (row, column) => (row + column) % 2,
    () => 7,
  )
  const { pixels, shares, patches } = patchColours(made, D, false)
  expect(patches).toBe(256)
  for (const [row, column] of [
    [0, 0],
    [3, 12],
    [15, 15],
  ] as const) {
    const at = (row * GRID + column) * 4
    expect(Array.from(pixels.subarray(at, at + 4))).toEqual([
      Math.round((255 * row) / 15),
      Math.round((255 * column) / 15),
      255 * ((row + column) % 2),
      255,
    ])
  }
  // Variances: 9 and 4 times (16^2 - 1) / 12, and 1 / 4.
  const variances = [9 * 21.25, 4 * 21.25, 0.25]
  const total = variances.reduce((a, b) => a + b)
  shares.forEach((share, i) => expect(share).toBeCloseTo(variances[i]! / total, 6))
})

it('scales colors over all pictures together', () => {
  const [dark, light] = [features((row) => row), features((row) => 16 + row)]
  const both = Float32Array.from([...dark, ...light])
  const { pixels } = patchColours(both, D, false)
  expect(pixels[0]).toBe(0)
  expect(pixels[(256 + 255) * 4]).toBe(255)
  expect(pixels[255 * 4]).toBe(Math.round((255 * 15) / 31))
  // Nothing varies along the others: they are in the middle.
  expect(Array.from(pixels.subarray(1, 3))).toEqual([128, 128])
})

it.each([1, -1])('takes what is not at the border as the foreground, for either sign (%i)', (sign) => {
  const made = features(
    (row, column) => (isMiddle(row, column) ? sign * 50 : 0),
    (row, column) => (isMiddle(row, column) ? column : 0),
  )
  const found = foregroundOf(made, D)
  for (let patch = 0; patch < 256; patch++)
    expect(found[patch]).toBe(Number(isMiddle(Math.floor(patch / GRID), patch % GRID)))
  const { pixels, patches } = patchColours(made, D, true)
  expect(patches).toBe(16)
  expect(Array.from(pixels.subarray(0, 4))).toEqual([0, 0, 0, 0])
  // Inside, only the column varies: from 6 to 9.
  const reds = [6, 7, 8, 9].map((column) => pixels[(7 * GRID + column) * 4])
  expect(reds).toEqual([0, 85, 170, 255])
})

it('shows all of a picture without a foreground', () => {
  expect(patchColours(features(), D, true)).toMatchObject({ patches: 256, shares: [0, 0, 0] })
})
