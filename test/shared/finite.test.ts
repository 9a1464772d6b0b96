import { expect, it } from 'vitest'
import { firstNotFinite, firstNotFiniteHalf, pathToNotFinite } from '../../src/shared/finite.ts'

it('finds the first NaN or infinity', () => {
  expect(firstNotFinite(Float32Array.of(1, -3e38, 0))).toBe(-1)
  expect(firstNotFinite(Float32Array.of(1, NaN, Infinity))).toBe(1)
  expect(firstNotFinite([1, 2, -Infinity])).toBe(2)
})

it('finds it among the bits of half floats: 65504 is the largest number, 0x7c00 infinity, 0x7e00 NaN', () => {
  expect(firstNotFiniteHalf(Uint16Array.of(0x3c00, 0x7bff, 0xfbff))).toBe(-1)
  expect(firstNotFiniteHalf(Uint16Array.of(0, 0x7c00))).toBe(1)
  expect(firstNotFiniteHalf(Uint16Array.of(0xfe00))).toBe(0)
})

it('finds it in nested results, by name', () => {
  expect(pathToNotFinite({ results: { fid: 1.5 }, kept: null, classes: [1, 2], name: 'x' })).toBe(undefined)
  expect(pathToNotFinite({ results: { fid: 1 }, perClass: [{ fid: 2 }, { fid: NaN }] })).toEqual([
    'perClass',
    '1',
    'fid',
  ])
})
