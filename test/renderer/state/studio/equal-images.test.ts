// What the studio says of results that came out alike.
import { expect, it } from 'vitest'
import { equalWords } from '../../../../src/renderer/state/studio/equal-images.ts'
import type { ImageDetails } from '../../../../src/shared/contract/api.ts'

const image = (...codes: number[]): ImageDetails => ({
  image: 0,
  codes: { tokens: Int32Array.from(codes) },
  recipe: {},
})

it('results equal to the edited image or to each other are told', () => {
  const [edited, a, b] = [image(1, 2), image(1, 3), image(4, 2)]
  expect(equalWords(edited, [a, b])).toBeUndefined()
  expect(equalWords(edited, [])).toBeUndefined()
  expect(equalWords(edited, [image(1, 2)])).toBe('Equal to the edited image')
  expect(equalWords(edited, [image(1, 2), a])).toBe('1 of 2 equal to the edited image')
  expect(equalWords(edited, [image(1, 2), image(1, 2)])).toBe('All 2 equal to the edited image')
  expect(equalWords(edited, [a, image(1, 3)])).toBe('All 2 are equal')
  expect(equalWords(undefined, [a, b, image(4, 2)])).toBe('Only 2 of 3 differ')
})
