// Probabilities -> quantiles of the normal and of Student's distribution.

const ratio = (over: readonly number[], under: readonly number[], x: number): number =>
  over.reduceRight((sum, value) => sum * x + value, 0) / under.reduceRight((sum, value) => sum * x + value, 0)

/** Coefficients of Wichura's algorithm AS 241 (PPND16), constant terms first. */
const NEAR = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
    67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
] as const
const TAIL = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const

/** The normal quantile of p: Wichura 1988, algorithm AS 241, to about 1e-15. Throws RangeError below 1e-11. */
export function normalQuantile(p: number): number {
  const away = p - 0.5
  if (Math.abs(away) <= 0.425) return away * ratio(...NEAR, 0.180625 - away * away)
  const tail = Math.min(p, 1 - p)
  if (!(tail >= 1e-11)) throw new RangeError(`probability ${p} is not between 1e-11 and 1 - 1e-11`)
  const found = ratio(...TAIL, Math.sqrt(-Math.log(tail)) - 1.6)
  return away < 0 ? -found : found
}

/**
 * Student's quantile of p: Abramowitz & Stegun 26.7.5, an expansion in 1/df; below 20 degrees, where it is too short, the
 * inverse of the sums of 26.7.3 and 26.7.4. Throws RangeError for degrees that are not whole below 20.
 */
export function studentQuantile(p: number, df: number): number {
  if (!(df >= 20)) return fewDegrees(p, df)
  const x = normalQuantile(p)
  const terms = [
    (x ** 3 + x) / 4,
    (5 * x ** 5 + 16 * x ** 3 + 3 * x) / 96,
    (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / 384,
    (79 * x ** 9 + 776 * x ** 7 + 1482 * x ** 5 - 1920 * x ** 3 - 945 * x) / 92160,
  ]
  return x + terms.reduce((sum, term, i) => sum + term / df ** (i + 1), 0)
}

/** By halving the angle's interval: the probability within t grows with the angle, t = tan(angle) sqrt(df). */
function fewDegrees(p: number, df: number): number {
  if (!Number.isInteger(df) || df < 1)
    throw new RangeError(`${df} degrees of freedom: expected a whole number from 1`)
  const asked = Math.abs(2 * p - 1)
  let [low, high] = [0, Math.PI / 2]
  for (let step = 0; step < 60; step++) {
    const angle = (low + high) / 2
    if (probabilityWithin(angle, df) < asked) low = angle
    else high = angle
  }
  return Math.sign(p - 0.5) * Math.tan((low + high) / 2) * Math.sqrt(df)
}

/** P(|T| < tan(angle) sqrt(df)): Abramowitz & Stegun 26.7.3 (odd df) and 26.7.4 (even df). */
function probabilityWithin(angle: number, df: number): number {
  const cosine = Math.cos(angle)
  const isOdd = df % 2 === 1
  let [sum, term] = [0, isOdd ? cosine : 1]
  for (let k = isOdd ? 1 : 0; k < df - 1; k += 2) {
    sum += term
    term *= ((k + 1) / (k + 2)) * cosine ** 2
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum
}
