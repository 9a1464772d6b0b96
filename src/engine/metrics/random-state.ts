// NumPy's legacy generator: the numbers, permutations and choices of `np.random.RandomState(seed)`.
// Source: numpy/random/src/mt19937/mt19937.c (init_genrand, MT19937) and mtrand.pyx (`shuffle`, `random_interval`).

const LENGTH = 624
const MIDDLE = 397

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
  /** A number from 0 to `most`: bits above its highest are masked away, what is still too large is drawn again. */
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
      if (size > n) throw new RangeError(`${size} of ${n} without repetition`)
      return permutation(n).slice(0, size)
    },
  }
}

/** 32-bit outputs of MT19937. */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(LENGTH)
  state[0] = seed
  for (let i = 1; i < LENGTH; i++) {
    const before = state[i - 1]!
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i
  }
  let position = LENGTH
  const renew = () => {
    for (let i = 0; i < LENGTH; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % LENGTH]! & 0x7fffffff)
      state[i] = state[(i + MIDDLE) % LENGTH]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    position = 0
  }
  return () => {
    if (position === LENGTH) renew()
    let y = state[position++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
}
