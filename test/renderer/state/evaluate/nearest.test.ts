import { expect, it } from 'vitest'
import { ranked, shareNearer } from '../../../../src/renderer/state/evaluate/nearest.ts'
import { sourceKey, sourceOfKey } from '../../../../src/renderer/state/evaluate/set-source.ts'

const FOUND = {
  k: 2,
  index: Int32Array.of(0, 1, 2, 3, 1, 2),
  distance: Float32Array.of(5, 6, 1, 2, 9, 10),
  real: Float32Array.of(4, 6, 8, 10),
}

it('samples are ranked only by their nearest real image', () => {
  expect(ranked(FOUND, true)).toEqual([2, 0, 1])
  expect(ranked(FOUND, false)).toEqual([1, 0, 2])
})

it('counts the real images that are as close to each other', () => {
  expect(shareNearer(FOUND, 1)).toBe(0)
  expect(shareNearer(FOUND, 6)).toBe(0.5)
  expect(shareNearer({ ...FOUND, real: new Float32Array(0) }, 6)).toBeUndefined()
})

it('a set source round-trips through an address', () => {
  for (const source of [
    { kind: 'demo' },
    { kind: 'run', run: '20261123-044438-5f0c' },
    { kind: 'set', set: '0123456789ab' },
  ] as const)
    expect(sourceOfKey(sourceKey(source))).toEqual(source)
  expect([sourceOfKey(undefined), sourceOfKey('elsewhere')]).toEqual([undefined, undefined])
})
