// The curve on screen -> its numbers as a CSV file, or a figure of the workspace.
import { chartCsv } from '../../../shared/figures/paper/chart-data.ts'
import { curvesPanel, pointsWithErrors } from '../../../shared/figures/curves.ts'
import { addChartToFigure } from '../figures/to-figure.ts'
import { address } from '../app/address.ts'
import { across, curves, protocols, up } from './curve.ts'
import { floorMarks } from './floor-marks.ts'
import { publishedMarks } from './published-marks.ts'
import { notify } from '../app/notices.ts'

function panel() {
  const levels = [...publishedMarks.value.filter(({ x }) => x === undefined), ...floorMarks.value]
  const chart = curvesPanel(curves.value, across.value ?? '', up.value ?? '', levels)
  const scale = (axis: 'x' | 'y') => (address.value.query.log?.includes(axis) ? 'log' : 'linear')
  return { ...chart, x: { ...chart.x, scale: scale('x') }, y: { ...chart.y, scale: scale('y') } } as const
}

/** Every curve, including other protocols: each row states its protocol. */
export function exportCsv(): void {
  const whole = panel()
  const series = curves.value.map(({ label, protocol, points }) => ({
    ...whole.series[0]!,
    label,
    protocol,
    ...pointsWithErrors(points),
  }))
  download('curve.csv', new Blob([chartCsv({ ...whole, series })], { type: 'text/csv' }))
}

/** On the Figures page, a figure for it is chosen. */
export function toFigure(): void {
  const whole = panel()
  addChartToFigure(whole)
  const kept = whole.series.length
  if (kept === curves.value.length) return
  const why = protocols.value.length > 1 ? ': a chart in a figure holds a single protocol' : ''
  notify(`${kept} of ${curves.value.length} curves are in the chart${why}`)
}

function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url))
}
