import { expect, it } from 'vitest'
import { mersenneTwister } from '../../src/shared/mersenne-twister.ts'

it("is std::mt19937: the 10,000th word of its default seed is the C++ standard's", () => {
  const next = mersenneTwister(5489)
  let word = 0
  for (let i = 0; i < 10_000; i++) word = next()
  expect(word).toBe(4123659995)
})

it('is NumPy RandomState(2020): its first words', () => {
  const next = mersenneTwister(2020)
  // np.random.RandomState(2020).randint(0, 2**32, 3, dtype=np.uint32)
  expect([next(), next(), next()]).toEqual(NUMPY_2020)
})

const NUMPY_2020 = [4236026720, 639299976, 3751189827]
