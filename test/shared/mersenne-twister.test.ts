import { expect, it } from 'vitest'
import { mersenneTwister } from '../../src/shared/mersenne-twister.ts'

it('the 10,000th word of the default seed matches std::mt19937 of the C++ standard', () => {
  const next = mersenneTwister(5489)
  let word = 0
  for (let i = 0; i < 10_000; i++) word = next()
  expect(word).toBe(4123659995)
})

it("the first words of seed 2020 match NumPy's RandomState", () => {
  const next = mersenneTwister(2020)
  // np.random.RandomState(2020).randint(0, 2**32, 3, dtype=np.uint32)
  expect([next(), next(), next()]).toEqual(NUMPY_2020)
})

const NUMPY_2020 = [4236026720, 639299976, 3751189827]
