// One counter-based random stream per image: any draw of any image can be made independently, in any order. Philox 4x32
// with 10 rounds: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

const ROUNDS = 10
const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/** High and low 32 bits of a 32 x 32 bit product. */
function multiply(a: number, b: number): [number, number] {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const low = aLow * bLow
  const middle = aHigh * bLow + (low >>> 16)
  const cross = aLow * bHigh + (middle & 0xffff)
  const high = aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)
  return [high >>> 0, Math.imul(a, b) >>> 0]
}

/** The Philox 4x32-10 block function: four 32-bit words from a 128-bit counter and a 64-bit key. */
export function philox(counter: readonly [number, number, number, number], key: readonly [number, number]) {
  let [a, b, c, d] = counter
  let [k0, k1] = key
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = multiply(M0, a)
    const [high1, low1] = multiply(M1, c)
    ;[a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, low1, (high0 ^ d ^ k1) >>> 0, low0]
    k0 = (k0 + W0) >>> 0
    k1 = (k1 + W1) >>> 0
  }
  return [a, b, c, d] as const
}

/** What a stream is used for; each use draws from its own part of the counter. */
export const STREAM = {
  stage1: 1,
  stage2: 2,
  maskedToken: 3,
  maskedChoice: 4,
  kmeans: 5,
  probeCrop: 6,
  probeWeights: 7,
} as const
export type StreamUse = keyof typeof STREAM

/**
 * A uniform in [0, 1) with 24 bits, exact as float32, from (seed, image, use, position).
 * seed and image are whole numbers below 2^53 and 2^32, position below 2^32.
 */
export function uniform(seed: number, image: number, use: StreamUse, position: number): number {
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const
  const [word] = philox([image >>> 0, STREAM[use], position >>> 0, 0], key)
  return (word >>> 8) / 2 ** 24
}

/** A standard Gumbel draw from the same coordinates. */
export function gumbel(seed: number, image: number, use: StreamUse, position: number): number {
  // Half a step from 0, whose logarithm is infinite.
  return -Math.log(-Math.log(uniform(seed, image, use, position) + 2 ** -25))
}
