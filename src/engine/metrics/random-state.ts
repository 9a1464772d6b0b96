// NumPy's legacy generator: the numbers, permutations and choices of `np.random.RandomState(seed)`.
// Source: numpy/random/mtrand.pyx (`shuffle`) and src/distributions/distributions.c (`random_interval`).
import { mersenneTwister } from '../../shared/mersenne-twister.ts'

export interface RandomState {
  /** `permutation(n)`: the numbers 0 to n - 1 shuffled. */
  permutation(n: number): Int32Array
  /** `choice(n, size, replace=False)`: the first of a permutation. Throws RangeError when `size` exceeds `n`. */
  choice(n: number, size: number): Int32Array
}

/** @param seed 0 to 2^32 - 1 */
export function randomState(seed: number): RandomState {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new RangeError(`seed ${seed} is not between 0 and 2^32 - 1`)
  const next = mersenneTwister(seed)
  /** A number from 0 to `most`: bits above its highest are masked off, and values still too large are redrawn. */
  const interval = (most: number): number => {
    if (most === 0) return 0
    const mask = 2 ** (32 - Math.clz32(most)) - 1
    for (;;) {
      const value = (next() & mask) >>> 0
      if (value <= most) return value
    }
  }
  const permutation = (n: number): Int32Array => {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = interval(i)
      const held = order[i]!
      order[i] = order[j]!
      order[j] = held
    }
    return order
  }
  return {
    permutation,
    choice(n, size) {
      if (size > n) throw new RangeError(`cannot draw ${size} of ${n} without replacement`)
      return permutation(n).slice(0, size)
    },
  }
}
