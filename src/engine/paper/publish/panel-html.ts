// The section of a panel without images: its numbers.
import { html, type Markup } from '../../../shared/text/markup.ts'
import type { Panel } from '../../../shared/figures/panels.ts'
import { sectionFrame } from './section-html.ts'
import type { Section } from './sections.ts'

/** Rows of a long series; the whole is in the CSV file. */
const MAX_ROWS = 200

/** A panel without images: its numbers. */
export function panelSection(section: Section, panel: Panel): Markup {
  return sectionFrame(section, panel.title ?? section.shown[0] ?? panel.kind, panelBody(panel))
}

function panelBody(panel: Panel): Markup {
  if (panel.kind === 'table')
    return numbers(
      panel.columns.map(({ label }) => label),
      panel.rows.map((row) => row.map(String)),
    )
  if (panel.kind !== 'chart') return html`<p>The points of this panel are in figure.json.</p>`
  const series = panel.series.map(({ label, points, errors, protocol }) => {
    const head = [panel.x.label, panel.y.label, ...(errors ? ['Standard error'] : [])]
    const rows = points.map(([x, y], i) => [x, y, ...(errors ? [errors[i] || ''] : [])].map(String))
    return html`<h3>${label}</h3>
      ${protocol ? html`<p class="small soft">${protocol}</p>` : ''} ${numbers(head, rows)}`
  })
  return html`${series}`
}

function numbers(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const more = rows.length > MAX_ROWS ? html`<p class="small">${MAX_ROWS} of ${rows.length} rows.</p>` : ''
  return html`<table>
      <thead>
        <tr>
          ${head.map((word) => html`<th scope="col">${word}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, MAX_ROWS).map(
          (row) =>
            html`<tr>
              ${row.map((value) => html`<td>${value}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
    ${more}`
}
