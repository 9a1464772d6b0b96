// Source tokens and re-encoded tokens of an image -> which cells were recovered.

export interface Drift {
  /** Cells whose token changed, ascending. */
  readonly changed: readonly { readonly cell: number; readonly from: number; readonly to: number }[]
  /** Fraction of cells whose token was recovered, 0..1. */
  readonly kept: number
}

export function driftOf(before: ArrayLike<number>, after: ArrayLike<number>): Drift {
  const changed = Array.from(before, (from, cell) => ({ cell, from, to: after[cell]! })).filter(
    ({ from, to }) => from !== to,
  )
  return { changed, kept: before.length === 0 ? 1 : 1 - changed.length / before.length }
}

/** Kept cells muted green-gray, changed ones bright, as RGBA pixels; they also differ in lightness. */
export function driftPixels({ changed }: Drift, cells: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(cells * 4)
  for (let i = 0; i < cells; i++) pixels.set([38, 48, 62, 255], i * 4)
  for (const { cell } of changed) pixels.set([244, 170, 66, 255], cell * 4)
  return pixels
}
