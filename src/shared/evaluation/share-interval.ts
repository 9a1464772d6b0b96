// A share of n independent images -> its standard error and 95 % interval. Wilson 1927: right also at 0 and 1, where the
// usual error is 0.

/** The normal quantile of 0.975. */
export const NORMAL_95 = 1.959963984540054

export interface Interval {
  /** One standard error. */
  readonly error: number
  readonly low: number
  readonly high: number
}

/**
 * Of a share in 0..1 of n images; n can be an effective number.
 * @param z normal quantile of the interval. @default 95 %
 * Throws RangeError for other shares or no images.
 */
export function shareInterval(share: number, n: number, z = NORMAL_95): Interval {
  if (!(share >= 0 && share <= 1) || !(n >= 1)) throw new RangeError(`no interval of ${share} of ${n} images`)
  const z2 = z ** 2 / n
  const middle = (share + z2 / 2) / (1 + z2)
  const half = Math.sqrt(z2 * share * (1 - share) + (z2 / 2) ** 2) / (1 + z2)
  return {
    error: Math.sqrt((share * (1 - share)) / n),
    low: Math.max(0, middle - half),
    high: Math.min(1, middle + half),
  }
}
