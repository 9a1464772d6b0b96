// MT19937 of Matsumoto and Nishimura (ACM TOMACS 8, 1998): the generator of C++'s std::mt19937 (faiss) and NumPy's
// legacy RandomState, so that seeds have the same meaning here.

const WORDS = 624
const MIDDLE = 397

/** The next 32-bit word of the stream, 0 to 2^32 - 1. `seed` is a whole number, of which the lower 32 bits are used. */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(WORDS)
  state[0] = seed
  for (let i = 1; i < WORDS; i++) {
    const before = state[i - 1]! ^ (state[i - 1]! >>> 30)
    state[i] = Math.imul(before, 1812433253) + i
  }
  let at = WORDS
  return () => {
    if (at === WORDS) {
      twist(state)
      at = 0
    }
    let word = state[at++]!
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c5680
    word ^= (word << 15) & 0xefc60000
    return (word ^ (word >>> 18)) >>> 0
  }
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < WORDS; i++) {
    const word = (state[i]! & 0x80000000) | (state[(i + 1) % WORDS]! & 0x7fffffff)
    state[i] = state[(i + MIDDLE) % WORDS]! ^ (word >>> 1) ^ (word & 1 ? 0x9908b0df : 0)
  }
}
