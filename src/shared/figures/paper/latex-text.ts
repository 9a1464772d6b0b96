// Plain text -> LaTeX that renders the same.

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

export const latexText = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(SPECIAL, (sign) => SIGNS[sign]!)
