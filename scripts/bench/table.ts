// Measurements -> lines of a table, and numbers for a file.

export interface Row {
  readonly name: string
  /** The measurement in words: `33.5 ms a step, 29.9 tokens/s`. */
  readonly text: string
  readonly numbers: Readonly<Record<string, number>>
  readonly aims?: readonly Aim[]
}

/** A goal for a measurement, and whether it is met. */
export interface Aim {
  readonly text: string
  readonly holds: boolean
}

const NAME_WIDTH = 36

export function rowToText({ name, text, aims = [] }: Row): string {
  const verdicts = aims.map(({ text, holds }) => ` [${holds ? 'holds' : 'MISSED'}: ${text}]`)
  return `  ${name.padEnd(NAME_WIDTH)} ${text}${verdicts.join('')}`
}

/** Three significant digits, and at least all digits of the integer part. */
export function digits(value: number): string {
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)))
  return value.toFixed(Math.min(places, 6))
}

export const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
export const percent = (share: number) => `${digits(100 * share)} %`
