// Features from a formula, so that reference values need no files of features: see test/fixtures/metrics/make.py.

/** u(n, seed): float64 in [-0.5, 0.5) of a 32-bit hash of i + seed. */
export function uniform(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let x = (i + seed) >>> 0
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32 - 0.5
  })
}

/** F(n, dim, seed, shift, scale): noise on 16 directions, float32 [n, dim]. */
export function formulaFeatures(
  n: number,
  dim: number,
  { seed, shift, scale }: { seed: number; shift: number; scale: number },
): Float32Array {
  const noise = uniform(n * dim, seed)
  const strength = uniform(n * 16, seed + 7)
  const directions = uniform(16 * dim, 99)
  return Float32Array.from({ length: n * dim }, (_, at) => {
    const [i, d] = [Math.floor(at / dim), at % dim]
    let sum = 0
    for (let k = 0; k < 16; k++) sum += strength[i * 16 + k]! * directions[k * dim + d]!
    return noise[at]! * scale + 2 * sum + shift
  })
}

export const X = { seed: 1001, shift: 0, scale: 1 }
export const Y = { seed: 2002, shift: 0.03, scale: 1.1 }
