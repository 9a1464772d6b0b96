import { expect, it } from 'vitest'
import { distinctColour } from '../../../src/shared/colour/distinct.ts'
import { colouringOf, tokenPixels } from '../../../src/shared/colour/token-palette.ts'

const meaning = Uint8Array.of(1, 2, 3, 4, 5, 6)
const appearance = Uint8Array.of(7, 8, 9, 10, 11, 12)

it('colors come from the table of the palette; tokens beyond it are distinct', () => {
  expect(colouringOf('meaning', { meaning, appearance })(1)).toEqual([4, 5, 6])
  expect(colouringOf('appearance', { meaning, appearance })(1)).toEqual([10, 11, 12])
  expect(colouringOf('appearance', { meaning })(0)).toEqual([1, 2, 3])
  expect(colouringOf('meaning', { meaning })(2)).toEqual(distinctColour(2, 'distinct'))
  expect(colouringOf('blue-yellow', { meaning })(0)).toEqual(distinctColour(0, 'blue-yellow'))
})

it('cells without a token are transparent', () => {
  const pixels = tokenPixels([1, -1], colouringOf('meaning', { meaning }))
  expect([...pixels]).toEqual([4, 5, 6, 255, 0, 0, 0, 0])
})
