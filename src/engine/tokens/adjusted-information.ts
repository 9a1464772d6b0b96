// Counts of two labelings of the same cells -> the mutual information that chance alone gives. Vinh, Epps & Bailey 2010,
// equation 24a: the mean over all labelings with these counts (hypergeometric), summed once for equal counts.

/** In nats. @param a cells of each entry of one codebook @param b of the other; both sum to the number of cells */
export function expectedInformation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [first, second] = [timesOf(a), timesOf(b)]
  let N = 0
  for (const [count, times] of first) N += count * times
  let sum = 0
  for (const [x, times] of first)
    for (const [y, others] of second) sum += times * others * expectedTerm(x, y, N)
  return sum
}

/** How often each count above 0 occurs. */
function timesOf(counts: ArrayLike<number>): Map<number, number> {
  const times = new Map<number, number>()
  for (let k = 0; k < counts.length; k++)
    if (counts[k]! > 0) times.set(counts[k]!, (times.get(counts[k]!) ?? 0) + 1)
  return times
}

/** Below this share of the largest probability, terms change no digit. */
const NEGLIGIBLE = 1e-18

/** Mean of n/N log(N n / (x y)) for n cells in common, from the likeliest n in both directions. */
function expectedTerm(x: number, y: number, N: number): number {
  const [least, most] = [Math.max(0, x + y - N), Math.min(x, y)]
  const mode = Math.min(most, Math.max(least, Math.floor(((x + 1) * (y + 1)) / (N + 2))))
  const probability = Math.exp(
    logFactorial(x) +
      logFactorial(y) +
      logFactorial(N - x) +
      logFactorial(N - y) -
      logFactorial(N) -
      logFactorial(mode) -
      logFactorial(x - mode) -
      logFactorial(y - mode) -
      logFactorial(N - x - y + mode),
  )
  const term = (n: number) => (n === 0 ? 0 : (n / N) * Math.log((N * n) / (x * y)))
  let sum = probability * term(mode)
  let p = probability
  for (let n = mode; n < most && p > NEGLIGIBLE * probability; n++) {
    p *= ((x - n) * (y - n)) / ((n + 1) * (N - x - y + n + 1))
    sum += p * term(n + 1)
  }
  p = probability
  for (let n = mode; n > least && p > NEGLIGIBLE * probability; n--) {
    p *= (n * (N - x - y + n)) / ((x - n + 1) * (y - n + 1))
    sum += p * term(n - 1)
  }
  return sum
}

const SMALL = 32
const FACTORIALS: readonly number[] = Array.from({ length: SMALL }, (_, n) => {
  let sum = 0
  for (let k = 2; k <= n; k++) sum += Math.log(k)
  return sum
})

/** Stirling's series: beyond 32 its next term is below 1e-16. */
function logFactorial(n: number): number {
  if (n < SMALL) return FACTORIALS[n]!
  const tail = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5) - 1 / (1680 * n ** 7)
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + tail
}
