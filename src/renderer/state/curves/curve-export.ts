// The curve on screen -> its numbers as a CSV file, or a figure of the workspace.
import { chartCsv } from '../../../shared/figures/paper/chart-data.ts'
import { curvesPanel, pointsWithErrors } from '../../../shared/figures/curves.ts'
import { go } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { across, curves, protocols, up } from './curve.ts'
import { publishedMarks } from './published-marks.ts'
import { notify } from '../app/notices.ts'
import { attempt } from '../app/problems.ts'

function panel() {
  const levels = publishedMarks.value.filter(({ x }) => x === undefined)
  return curvesPanel(curves.value, across.value ?? '', up.value ?? '', levels)
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

export async function openAsFigure(): Promise<void> {
  const whole = panel()
  const figure = { schema: 1, rows: [[whole]] }
  const id = await attempt('Could not create the figure', () =>
    calls().createFigure('curve', `${JSON.stringify(figure, null, 2)}\n`),
  )
  if (id === undefined) return
  const kept = whole.series.length
  const others = kept < curves.value.length ? `, with ${kept} of ${curves.value.length} curves` : ''
  const why = protocols.value.length > 1 ? ': a chart in a figure holds a single protocol' : ''
  notify(`Created figure ${id}${others}${others && why}`, {
    text: 'Open',
    press: () => go({ page: 'figures', run: id }),
  })
}

function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url))
}
