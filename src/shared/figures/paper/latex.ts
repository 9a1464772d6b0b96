// A figure as a LaTeX environment, and tables as LaTeX tabulars.
import { citations } from './bibliography.ts'
import type { Figure } from '../figure.ts'
import { latexRow, latexText } from '../../text/latex.ts'
import type { Page } from '../page.ts'
import type { PanelOf } from '../panels.ts'
import { bestRows, cellText } from '../panels/table.ts'
import { captionText } from './record-words.ts'

/** A figure environment: the file at its width, caption and label. Needs \usepackage{graphicx}. */
export function figureLatex(figure: Figure, name: string): string {
  const wide = 'preset' in figure.page && figure.page.preset === 'cvpr-text'
  const environment = wide ? 'figure*' : 'figure'
  const caption = figure.caption ?? captionText(figure)
  const cited = citations(figure).map(({ key }) => key)
  return `% needs \\usepackage{graphicx}
\\begin{${environment}}[t]
  \\centering
  \\includegraphics[width=${includedWidth(figure.page)}]{${name}.pdf}
  \\caption{${latexText(caption)}${cited.length > 0 ? `~\\cite{${cited.join(',')}}` : ''}}
  \\label{${figure.label ?? `fig:${name.replaceAll(/[^A-Za-z0-9:.-]/g, '-')}`}}
\\end{${environment}}
`
}

/** Presets have the width of their column, so that text keeps its size. */
const includedWidth = (page: Page): string => {
  if ('width' in page) return `${page.width}cm`
  return page.share === undefined || page.share === 1 ? '\\linewidth' : `${page.share}\\linewidth`
}

/** A tabular; needs \usepackage{booktabs}. */
export function tableLatex(panel: PanelOf<'table'>): string {
  const { columns, rows, rules } = panel
  const isNumber = columns.map((_, c) =>
    rows.every((row) => /^[-−–—]?$|^[-−]?\d/.test(cellText(row[c] ?? ''))),
  )
  const best = columns.map((_, c) => bestRows(panel, c))
  const lines = rows.map((row, r) => {
    const cells = row.map((value, c) => {
      const text = latexText(cellText(value))
      return best[c]?.has(r) ? `\\textbf{${text}}` : text
    })
    return `${rules.includes(r) ? '  \\midrule\n' : ''}  ${latexRow(cells)}`
  })
  return `% needs \\usepackage{booktabs}
\\begin{tabular}{${isNumber.map((number) => (number ? 'r' : 'l')).join('')}}
  \\toprule
  ${latexRow(columns.map(({ label }) => latexText(label)))}
  \\midrule
${lines.join('\n')}
  \\bottomrule
\\end{tabular}
`
}
