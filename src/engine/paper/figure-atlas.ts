// A map panel with an atlas -> a panel of points, each entry in the colour of its class of highest lift.
import { resolve } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { classWords } from '../../shared/atlas/class-words.ts'
import type { PanelOf } from '../../shared/figures/panels.ts'
import { openAtlas } from '../runs/atlas/atlas-read.ts'

/** Number of classes with a colour of their own, followed by the others, and grey for entries without a class. */
const NAMED = 5

/** Throws RequestError if the folder has no atlas, or the atlas has no UMAP layout. */
export async function mapWithAtlas(panel: PanelOf<'map'>, folder: string): Promise<PanelOf<'map'>> {
  const { atlas: asked, ...rest } = panel
  if (!asked) return panel
  if (panel.points.length > 0) throw new RequestError('a map cannot have both points and an atlas')
  const path = resolve(folder, asked.folder)
  const { info, table } = await openAtlas(path)
  const { topClass, cells, ...planes } = await table()
  const plane = planes[asked.plane]
  if (!plane)
    throw new RequestError(`${path}: no UMAP layout; use the plane 'pca', or run digit atlas --umap`)
  const named = largest(topClass)
  const names = classWords(info.classNames)
  const nameOf = (label: number): string => names[label] ?? `class ${label}`
  const groups = [...named.map(nameOf), 'other classes', 'no class']
  const groupOf = (k: number): number => {
    const label = topClass[k]!
    const place = named.indexOf(label)
    return cells[k] === 0 || label < 0 ? named.length + 1 : place < 0 ? named.length : place
  }
  const points = Array.from(topClass, (_, k): [number, number, number] => [
    plane[2 * k]!,
    plane[2 * k + 1]!,
    groupOf(k),
  ])
  return { ...rest, points, groups }
}

/** The most frequent classes of highest lift. */
function largest(classes: Int32Array): number[] {
  const counts = new Map<number, number>()
  for (const label of classes) if (label >= 0) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || a - b)
    .slice(0, NAMED)
    .map(([label]) => label)
}
