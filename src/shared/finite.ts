// NaN and infinity: found where values enter or leave a network, so that no result is made of them.

/** Index of the first value that is not a finite number; -1 if there is none. */
export function firstNotFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i
  return -1
}

/** Names and indices on the way to the first number in nested data that is not finite; undefined if there is none. */
export function pathToNotFinite(data: unknown): string[] | undefined {
  if (typeof data === 'number') return Number.isFinite(data) ? undefined : []
  if (typeof data !== 'object' || data === null) return undefined
  for (const [name, value] of Object.entries(data)) {
    const path = pathToNotFinite(value)
    if (path) return [name, ...path]
  }
  return undefined
}

/** Index of the first half float, given as bits, that is not a finite number; -1 if there is none. */
export function firstNotFiniteHalf(bits: Uint16Array): number {
  for (let i = 0; i < bits.length; i++) if ((bits[i]! & 0x7c00) === 0x7c00) return i
  return -1
}
