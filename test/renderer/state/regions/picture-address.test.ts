import { expect, it } from 'vitest'
import { formatAddress, parseAddress } from '../../../../src/renderer/state/app/address.ts'
import {
  formatPatch,
  parsePatch,
  pictureIn,
  regionsAddress,
} from '../../../../src/renderer/state/regions/picture-address.ts'
import { gridOfSide } from '../../../../src/shared/grid/shape.ts'
import type { PictureRef } from '../../../../src/shared/atlas/regions.ts'

const PICTURES: readonly [PictureRef, string][] = [
  [{ of: 'run', run: '20261123-044438-5f0c', image: 3 }, '#/regions/20261123-044438-5f0c/3'],
  [{ of: 'run', run: 'sweep@topk-50', image: 0 }, '#/regions/sweep%40topk-50/0'],
  [{ of: 'original', run: 'a', image: 1 }, '#/regions/a/1?of=original'],
  [{ of: 'atlas', atlas: 'demo.1f00ba44-codes', image: 17 }, '#/regions/demo.1f00ba44-codes/17?of=atlas'],
  [{ of: 'picture', picture: '0123456789abcdef' }, '#/regions/0123456789abcdef?of=picture'],
]

it.each(PICTURES)('%j has the address %s', (picture, hash) => {
  expect(formatAddress(regionsAddress(picture))).toBe(hash)
  expect(pictureIn(parseAddress(hash))).toEqual(picture)
})

it('the address keeps other view state', () => {
  const { query } = regionsAddress(PICTURES[3]![0], { of: 'picture', joint: '4' })
  expect(query).toEqual({ of: 'atlas', joint: '4' })
})

it.each(PICTURES)('a patch of %j has a short name', (picture) => {
  const of16 = { picture, cell: 255, grid: gridOfSide(16) }
  expect(parsePatch(formatPatch(of16))).toEqual(of16)
  const of24 = { picture, cell: 570, grid: gridOfSide(24) }
  expect(parsePatch(formatPatch(of24))).toEqual(of24)
})

it.each([undefined, '', 'run:a:1', 'run:a:1:256', 'run:a:1:576:24', 'run:a:1:0:0', 'run:a::3', 'file:a:1:2'])(
  '%j is not a patch name',
  (text) => {
    expect(parsePatch(text)).toBeUndefined()
  },
)
it('an address without a picture has no picture', () => {
  expect(pictureIn(parseAddress('#/regions'))).toBeUndefined()
  expect(pictureIn(parseAddress('#/regions/a?of=atlas'))).toBeUndefined()
})
