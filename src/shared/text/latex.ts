// Plain text -> LaTeX that renders the same: in running text, in the row of a table, in a comment.

const SIGNS: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': "''",
  '−': '$-$',
  '×': '$\\times$',
  '±': '$\\pm$',
  '↓': '$\\downarrow$',
  '↑': '$\\uparrow$',
  '→': '$\\rightarrow$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '…': '\\ldots{}',
  '–': '--',
  '—': '---',
  '·': '$\\cdot$',
  μ: '$\\mu$',
  σ: '$\\sigma$',
}
const SPECIAL = new RegExp(
  `[${Object.keys(SIGNS)
    .map((sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`)
    .join('')}]`,
  'gu',
)

// TeX refuses a file with them.
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g
/** Whatever ends a line would end a comment, too. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replace(CONTROLS, '')

export const latexText = (text: string): string => oneLine(text).replace(SPECIAL, (sign) => SIGNS[sign]!)

/**
 * A row of a table; the cells are LaTeX. Without the braces, the end of the row before, or a rule, would take `[` or `*`
 * as its own argument.
 */
export function latexRow(cells: readonly string[]): string {
  const row = cells.join(' & ')
  return `${/^\s*[[*]/.test(row) ? '{}' : ''}${row} \\\\`
}

/** A comment; its text stays in one line. */
export const latexComment = (text: string): string => `% ${oneLine(text)}`
