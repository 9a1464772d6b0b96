// Rows of cells <-> CSV (RFC 4180) for other programs. Spreadsheets compute a cell that starts with = + - or @, quoted or
// not: text that does so is written with an apostrophe in front, which they read as "this is text". Reading removes it.

const FORMULA = /^'*[=+\-@\t\r]/
const GUARDED = /^'+[=+\-@\t\r]/

/** Numbers are written as they are; everything else is text. */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('')
}

function cellText(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Cells by row; a quoted cell may contain separators, quotes and line breaks. Empty lines are skipped. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quotes, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    const cell = quotes === undefined ? plain : quotes.replaceAll('""', '"')
    row.push(GUARDED.test(cell) ? cell.slice(1) : cell)
    if (end === ',') continue
    if (row.some((cell) => cell !== '')) rows.push(row)
    row = []
  }
  return rows
}
