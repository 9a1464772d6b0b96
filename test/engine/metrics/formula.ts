// Features from a formula, so that reference values need no files of features: see test/fixtures/metrics/make.py.

/** u(n, seed): float64 in [-0.5, 0.5) of a 32-bit hash of i + seed. */
export function uniform(count: number, seed: number): Float64Array {
  const values = new Float64Array(count)
  // A plain loop: a callback for each of the 24 million weights of Inception took two seconds.
  for (let i = 0; i < count; i++) {
    let x = (i + seed) >>> 0
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
    values[i] = ((x ^ (x >>> 15)) >>> 0) / 2 ** 32 - 0.5
  }
  return values
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
  const features = new Float32Array(n * dim)
  for (let i = 0, at = 0; i < n; i++)
    for (let d = 0; d < dim; d++, at++) {
      let sum = 0
      for (let k = 0; k < 16; k++) sum += strength[i * 16 + k]! * directions[k * dim + d]!
      features[at] = noise[at]! * scale + 2 * sum + shift
    }
  return features
}

export const X = { seed: 1001, shift: 0, scale: 1 }
export const Y = { seed: 2002, shift: 0.03, scale: 1.1 }
