// Two strings -> their order in Python, which compares code points. JavaScript compares UTF-16 units, so that a character
// beyond U+FFFF would come before U+E000 to U+FFFF.

/** Negative if `a` comes first, 0 if they are equal. */
export function compareCodePoints(a: string, b: string): number {
  for (let i = 0; ;) {
    const [x, y] = [a.codePointAt(i), b.codePointAt(i)]
    if (x === undefined || y === undefined) return a.length - b.length
    if (x !== y) return x - y
    i += x > 0xffff ? 2 : 1
  }
}
