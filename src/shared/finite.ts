// NaN and infinity: found where values enter or leave a network, so that no result is made of them.

/** Index of the first value that is not a finite number; -1 if there is none. */
export function firstNotFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i
  return -1
}

/** Index of the first half float, given as bits, that is not a finite number; -1 if there is none. */
export function firstNotFiniteHalf(bits: Uint16Array): number {
  for (let i = 0; i < bits.length; i++) if ((bits[i]! & 0x7c00) === 0x7c00) return i
  return -1
}
