// The numbers of a chart: as CSV for any program, and as pgfplots for LaTeX.
import { PALETTE } from '../colour.ts'
import { csvText } from '../../text/csv.ts'
import { latexText } from '../../text/latex.ts'
import type { PanelOf } from '../panels.ts'

/**
 * One line per point: series, x, y, its error if any are known, and the protocol if there is one. RFC 4180.
 */
export function chartCsv({ series, references, x, y }: PanelOf<'chart'>): string {
  const hasErrors = series.some(({ errors }) => errors)
  const isInterval = series.some(({ bars }) => bars === '95 % interval')
  const errorWords = isInterval ? 'half of the 95 % interval' : 'standard error'
  const withError = (error: string | number) => (hasErrors ? [error] : [])
  const rows: (string | number)[][] = [['series', x.label, y.label, ...withError(errorWords), 'protocol']]
  for (const { label, points, errors, protocol = '' } of series)
    for (const [i, [a, b]] of points.entries())
      rows.push([label, a, b, ...withError(errors?.[i] || ''), protocol])
  for (const { label, y } of references) rows.push([label, '', y, ...withError(''), ''])
  return csvText(rows)
}

const LINES = { solid: 'solid', dashed: 'dashed', dotted: 'dotted', none: 'only marks' } as const
const LEGENDS = {
  above: ['legend style={at={(0.5,1.03)}, anchor=south, draw=none}', 'legend columns=-1'],
  'top-left': ['legend pos=north west'],
  'top-right': ['legend pos=north east'],
  'bottom-left': ['legend pos=south west'],
  'bottom-right': ['legend pos=south east'],
  none: [],
} as const

/** A `tikzpicture`; needs \usepackage{pgfplots}. */
export function chartPgfplots(panel: PanelOf<'chart'>): string {
  const { x, y, series, references, legend } = panel
  const options = [
    `width=\\linewidth`,
    `height=${panel.aspect}\\linewidth`,
    `xlabel={${latexText(x.label)}}`,
    `ylabel={${latexText(y.label)}}`,
    ...(x.scale === 'log' ? ['xmode=log', 'log ticks with fixed point'] : []),
    ...(y.scale === 'log' ? ['ymode=log', 'log ticks with fixed point'] : []),
    ...(['from', 'to'] as const).flatMap((end) => [
      ...(x[end] === undefined ? [] : [`${end === 'from' ? 'xmin' : 'xmax'}=${x[end]}`]),
      ...(y[end] === undefined ? [] : [`${end === 'from' ? 'ymin' : 'ymax'}=${y[end]}`]),
    ]),
    'axis lines=left',
    'ymajorgrids',
    ...LEGENDS[legend],
  ]
  const colours = series.map((_, i) => {
    const [, digits] = /^#(.*)$/.exec(PALETTE[i % PALETTE.length]!)!
    return `\\definecolor{series${i + 1}}{HTML}{${digits!.toUpperCase()}}`
  })
  const plots = series.map(({ label, points, errors, line, marks }, i) => {
    const mark = marks ? `mark=${i % 2 === 0 ? '*' : 'square*'}` : 'mark=none'
    const bars = errors ? ', error bars/.cd, y dir=both, y explicit' : ''
    const coordinates = points
      .map(([a, b], at) => `(${a},${b})${errors?.[at] ? ` +- (0,${errors[at]})` : ''}`)
      .join(' ')
    return `  \\addplot[series${i + 1}, thick, ${LINES[line]}, ${mark}, mark options={solid}${bars}] coordinates {${coordinates}};${legend === 'none' ? '' : `\n  \\addlegendentry{${latexText(label)}}`}`
  })
  const levels = references.map(
    ({ label, y }) =>
      `  \\draw[gray, dashed] ({axis cs:0,${y}}-|{rel axis cs:0,0}) -- ({axis cs:0,${y}}-|{rel axis cs:1,0}) node[above left, font=\\footnotesize] {${latexText(label)}};`,
  )
  return `${colours.join('\n')}
\\begin{tikzpicture}
\\begin{axis}[
  ${options.join(',\n  ')}
]
${[...plots, ...levels].join('\n')}
\\end{axis}
\\end{tikzpicture}
`
}
