/**
 * Values without each part -> the variance of the value of all parts: (n - 1) / n times the sum of squares around their
 * mean. Efron & Tibshirani 1993, equation 11.5.
 */
export function jackknifeVariance(without: ArrayLike<number>): number {
  const n = without.length
  let sum = 0
  for (let i = 0; i < n; i++) sum += without[i]!
  let squares = 0
  for (let i = 0; i < n; i++) squares += (without[i]! - sum / n) ** 2
  return ((n - 1) / n) * squares
}
