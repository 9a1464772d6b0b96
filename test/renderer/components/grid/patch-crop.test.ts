import { expect, it } from 'vitest'
import { patchCrop } from '../../../../src/renderer/components/grid/patch-crop.ts'
import { gridOfSide } from '../../../../src/shared/grid/shape.ts'

/** The part of a picture of side 1 that a square with this background shows: CSS places the hidden rest by shares. */
function partShown({ picture }: ReturnType<typeof patchCrop>) {
  const size = 100 / parseFloat(picture.backgroundSize)
  const [left = 0, top = 0] = picture.backgroundPosition
    .split(' ')
    .map((share) => (parseFloat(share) / 100) * (1 - size))
  return { left, top, size }
}

it.each([
  [16, 0, undefined],
  [16, 119, undefined],
  [24, 23, undefined],
  [24, 300, undefined],
  [24, 570, undefined],
  [24, 570, 24],
  [13, 168, undefined],
  [2, 3, undefined],
  [1, 0, undefined],
])('in a grid of side %i the outline is around cell %i, %s cells along a side', (side, cell, shown) => {
  const crop = patchCrop(cell, gridOfSide(side), shown)
  const part = partShown(crop)
  const inPicture = (share: string, start: number) => start + (parseFloat(share) / 100) * part.size
  expect(inPicture(crop.outline.left, part.left) * side).toBeCloseTo(cell % side, 9)
  expect(inPicture(crop.outline.top, part.top) * side).toBeCloseTo(Math.floor(cell / side), 9)
  expect((parseFloat(crop.outline.width) / 100) * part.size).toBeCloseTo(1 / side, 9)
  expect(part.size * side).toBeCloseTo(shown ?? Math.min(3, side), 9)
})

it('a cell inside the picture is in the middle of its crop', () => {
  expect(patchCrop(300, gridOfSide(24)).outline).toMatchObject({ left: `${100 / 3}%`, top: `${100 / 3}%` })
})
