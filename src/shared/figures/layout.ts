// figure.json and data about its images -> a display list. Pure: the same input gives the same list.
import { RequestError } from '../errors.ts'
import { GAP, fitted, movedAll, textWidth, words, type Block, type Setting } from './block.ts'
import type { Content } from './content.ts'
import type { DisplayItem, DisplayList, ImageItem, Metrics, PanelPlace } from './display.ts'
import { panelsOf, type Figure } from './figure.ts'
import { insidePage } from './page-edges.ts'
import { PAGE_PRESETS, pageWidth, points } from './page.ts'
import type { Panel } from './panels.ts'
import { chartPanel } from './panels/chart.ts'
import { clusterPanel } from './panels/cluster.ts'
import { gridPanel } from './panels/grid.ts'
import { interventionPanel } from './panels/intervention.ts'
import { mapPanel } from './panels/map.ts'
import { stepsPanel } from './panels/steps.ts'
import { stripPanel } from './panels/strip.ts'
import { tablePanel } from './panels/table.ts'
import { variancePanel } from './panels/variance.ts'

/** Adobe's limit of a page's side, in points. */
const MAX_SIDE = 14_400
/** Between panels, in em: side by side, and one above the other. */
const BESIDE = 1.6
const BELOW = 1.4

/** A problem in one panel; `panel` is its index in the figure. */
export class PanelError extends RequestError {
  constructor(
    readonly panel: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

function inPanel<T>(panel: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof RequestError) throw new PanelError(panel, error.message, { cause: error })
    throw error
  }
}

/**
 * @throws RequestError for impossible layouts: labels without images, panels too narrow, a figure too high
 */
export function layoutFigure(figure: Figure, content: Content, metrics: Metrics): DisplayList {
  const width = pageWidth(figure.page)
  const notes = new Set<string>()
  const { size } = figure.font
  const setting: Setting = { metrics, size, gutter: figure.gutter, note: (sentence) => notes.add(sentence) }
  const letters = figure.letters ?? panelsOf(figure).length > 1
  const items: DisplayItem[] = []
  const places: PanelPlace[] = []
  let [y, index] = [0, 0]
  figure.rows.forEach((row, r) => {
    if (r > 0) y += BELOW * size
    const shares = row.reduce((sum, { share = 1 }) => sum + share, 0)
    const free = width - (row.length - 1) * BESIDE * size
    const blocks = row.map((panel) => {
      const room = (free * (panel.share ?? 1)) / shares
      const letter = letters ? panelLetter(index) : ''
      return inPanel(index, () => {
        const head = heading(panel, letter, room, setting)
        return { panel, room, head, body: panelBlock(panel, index++, content, room, setting) }
      })
    })
    const tallest = Math.max(...blocks.map(({ head, body }) => head.height + body.height))
    let x = 0
    for (const { panel, room, head, body } of blocks) {
      // Charts are aligned at their axes; all other panels are aligned at the top.
      const top = panel.kind === 'chart' ? tallest - body.height : head.height
      const first = items.length
      items.push(...movedAll(head.items, x, y), ...movedAll(body.items, x, y + top))
      places.push({ x, y, width: room, height: top + body.height, first, end: items.length })
      x += room + BESIDE * size
    }
    y += tallest
  })
  if (y > MAX_SIDE)
    throw new RequestError(`the figure would be ${(y / 72).toFixed(0)} inches high (maximum 200)`)
  if ('preset' in figure.page) {
    const { height, words: name } = PAGE_PRESETS[figure.page.preset]
    if (y > points(height))
      notes.add(
        `${name}: the figure is taller than the page (found ${cm(y)} cm, expected at most ${height} cm with its caption)`,
      )
  }
  const dot = 72 / figure.dpi
  const height = Math.ceil(y / dot - 1e-6) * dot
  const page = insidePage(items, width, height, dot, metrics)
  return {
    width,
    height: height + page.higher,
    items: page.items.map((item) => (item.kind === 'image' ? onDots(item, dot) : item)),
    notes: [...notes],
    panels: places.map((place) => ({ ...place, y: place.y + page.down })),
  }
}

const cm = (length: number): string => ((length * 2.54) / 72).toFixed(1)

/** Image edges are aligned to the dots of the figure's dpi, so that no viewer has to resample. */
function onDots(image: ImageItem, dot: number): ImageItem {
  const at = (length: number): number => Math.round(length / dot) * dot
  const [x, y] = [at(image.x), at(image.y)]
  const width = Math.max(dot, at(image.x + image.width) - x)
  const height = Math.max(dot, at(image.y + image.height) - y)
  return { ...image, x, y, width, height }
}

function panelBlock(panel: Panel, index: number, content: Content, width: number, setting: Setting): Block {
  switch (panel.kind) {
    case 'grid':
      return gridPanel(panel, content, width, setting)
    case 'reconstruction':
      return stripPanel(panel, content, width, setting)
    case 'steps':
      return stepsPanel(panel, content, width, setting)
    case 'variance':
      return variancePanel(panel, content, content.deviations.get(index) ?? 0, width, setting)
    case 'cluster':
      return clusterPanel(panel, content, width, setting)
    case 'intervention':
      return interventionPanel(panel, content, width, setting)
    case 'chart':
      return chartPanel(panel, width, setting)
    case 'map':
      return mapPanel(panel, width, setting)
    case 'table':
      return tablePanel(panel, width, setting)
  }
}

/** `(a)` to `(z)`, then `(aa)`. */
export const panelLetter = (index: number): string => {
  const letter = (n: number): string => String.fromCharCode(97 + n)
  return index < 26 ? `(${letter(index)})` : `(${letter(Math.floor(index / 26) - 1)}${letter(index % 26)})`
}

/** A panel's letter and title; takes no space if there are neither. */
function heading(panel: Panel, letter: string, width: number, setting: Setting): Block {
  const { size, metrics } = setting
  if (letter === '' && !panel.title) return { height: 0, items: [] }
  const baseline = metrics.ascent * size
  const indent = letter === '' ? 0 : textWidth(setting, letter, size, 'bold') + GAP * size
  const items: DisplayItem[] = []
  if (letter !== '') items.push(words(letter, 0, baseline, { size, face: 'bold' }))
  if (panel.title)
    items.push(words(fitted(setting, panel.title, width - indent, size), indent, baseline, { size }))
  return { height: baseline + metrics.descent * size + GAP * size, items }
}
