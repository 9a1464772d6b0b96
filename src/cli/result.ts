// The result of a command on stdout: sentences, or with --json one JSON object when it ends. Progress and notes go to stderr.
let json: Record<string, unknown> | undefined

/** From now on results are collected instead of printed. */
export const collectJson = (): void => void (json = {})

/** A part of the result: as text, and as the fields that say the same. */
export function tell(text: string, fields: Readonly<Record<string, unknown>>): void {
  if (json) Object.assign(json, fields)
  else console.log(text)
}

/** Prints what was collected, if anything. */
export function printJson(): void {
  const collected = json
  json = undefined
  if (collected && Object.keys(collected).length > 0) console.log(JSON.stringify(collected, plain, 2))
}

/** Typed arrays as plain ones. */
const plain = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Uint8Array) : value
