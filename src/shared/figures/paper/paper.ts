// The files that accompany a figure in a paper, by extension.
import { bibliography } from './bibliography.ts'
import { chartCsv, chartPgfplots } from './chart-data.ts'
import { panelsOf, type Figure } from '../figure.ts'
import { figureLatex, tableLatex } from './latex.ts'
import { methodsText } from './record-words.ts'

/** `name` is the base name of the outputs, as LaTeX finds them. */
export function paperFiles(figure: Figure, name: string): ReadonlyMap<string, string> {
  const files = new Map([
    ['.tex', figureLatex(figure, name)],
    ['.bib', bibliography(figure)],
    ['.txt', methodsText(figure)],
  ])
  panelsOf(figure).forEach((panel, i) => {
    const part = panelsOf(figure).length > 1 ? `-${i + 1}` : ''
    if (panel.kind === 'chart') {
      files.set(`${part}.csv`, chartCsv(panel))
      files.set(`${part}.pgfplots.tex`, chartPgfplots(panel))
    }
    if (panel.kind === 'table') files.set(`${part}.tabular.tex`, tableLatex(panel))
  })
  return files
}
