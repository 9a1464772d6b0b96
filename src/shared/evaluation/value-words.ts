// A number and its standard error -> text: the error in two digits, and the number to the same place.

const DIGITS = 4

/** 59.71 with 2.34 -> `59.7` and `2.3`; without an error, four digits. */
export function withError(
  value: number,
  error: number | undefined,
): { readonly value: string; readonly error?: string } {
  if (error === undefined || !(error > 0)) return { value: String(Number(value.toPrecision(DIGITS))) }
  const places = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(error))))
  return { value: value.toFixed(places), error: error.toFixed(places) }
}
