// Text from a file of unknown origin -> text that cannot control the terminal or page that shows it.

/** Control characters, line and paragraph separators, and bidirectional marks. */
// eslint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/** Replaces each such character with its escape, `\u001b`. */
export function printable(text: string): string {
  return text.replace(STEERING, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
