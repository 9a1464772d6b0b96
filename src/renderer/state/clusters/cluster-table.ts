// The columns of an atlas -> the rows of its table: filtered, searched and sorted. K = clusters.
import type { ClusterLabel } from '../../../shared/atlas/cluster-labels.ts'
import { isRare, type AtlasInfo } from '../../../shared/atlas/atlas.ts'
import type { AtlasContents } from '../../../shared/atlas/atlases.ts'

export const STATISTICS = [
  { key: 'cells', name: 'Usage', hint: 'Share of all cells' },
  { key: 'images', name: 'Images', hint: 'Share of images that contain it' },
  { key: 'distance', name: 'Distance', hint: 'Mean squared distance of its cells to the centroid' },
  {
    key: 'topClassLift',
    name: 'Lift',
    hint: 'For its most over-represented class: p(class | cluster) / p(class)',
  },
  {
    key: 'information',
    name: 'Information',
    hint: 'What it adds to the mutual information of clusters and classes, in thousandths of a nat: p(cluster) × (H(class) − H(class | cluster))',
  },
  {
    key: 'positionEntropy',
    name: 'Position entropy',
    hint: 'Entropy in nats of the grid positions of its cells; at most the logarithm of their number',
  },
] as const
export const LOG_RATIO = {
  key: 'logRatio',
  name: 'Log-ratio',
  hint: 'log2 of usage in the other atlas over usage here; above 0 means over-used in the other atlas',
} as const
export type Statistic = (typeof STATISTICS)[number]['key'] | typeof LOG_RATIO.key
export type SortKey = Statistic | 'id'

export const SHOWN = ['all', 'used', 'rare', 'dead'] as const
export type Shown = (typeof SHOWN)[number]

export interface TableQuery {
  readonly sort: SortKey
  readonly descending: boolean
  /** Digits of an id, or part of a class's name, a label, a tag or a note. */
  readonly search: string
  readonly show: Shown
}

/** Input of a table in addition to the atlas. */
export interface Besides {
  readonly labels: ReadonlyMap<number, ClusterLabel>
  /** Usage in another atlas against this one; absent without a comparison. */
  readonly logRatio?: Float32Array | undefined
  /** Clusters to keep: selected on the map, found in a picture. */
  readonly among?: readonly ReadonlySet<number>[]
}

/** The available statistics. */
export const statisticsOf = ({ logRatio }: Besides) => (logRatio ? [...STATISTICS, LOG_RATIO] : STATISTICS)

/** A statistic's value for each cluster. */
export function columnOf(
  { info, table }: AtlasContents,
  { logRatio }: Besides,
  key: Statistic,
): ArrayLike<number> {
  if (key === LOG_RATIO.key) return logRatio ?? new Float32Array(table.cells.length)
  if (key !== 'information') return table[key]
  const classes = entropyOf(info.classImages)
  return Float64Array.from(
    table.cells,
    (cells, k) => (1000 * cells * (classes - table.classEntropy[k]!)) / info.cells,
  )
}

/** In nats. */
function entropyOf(counts: readonly number[]): number {
  const all = counts.reduce((sum, count) => sum + count, 0)
  return -counts.reduce((sum, count) => sum + (count === 0 ? 0 : (count / all) * Math.log(count / all)), 0)
}

/** What the list starts with: with classes, the clusters that tell most about them, not the backgrounds of all. */
export const firstSort = ({ classImages }: AtlasInfo): SortKey =>
  classImages.filter((images) => images > 0).length > 1 ? 'information' : 'cells'

/** Settings from an address; invalid ones use the default. */
export function tableQueryOf(query: Readonly<Record<string, string>>, info: AtlasInfo): TableQuery {
  const keys: readonly SortKey[] = ['id', LOG_RATIO.key, ...STATISTICS.map(({ key }) => key)]
  const sort = keys.find((key) => key === query.sort) ?? firstSort(info)
  const descending = query.order === undefined ? sort !== 'id' : query.order === 'down'
  return {
    sort,
    descending,
    search: query.q ?? '',
    show: SHOWN.find((shown) => shown === query.show) ?? 'all',
  }
}

/** Ids of the rows in order; clusters without a value come last in either order. */
export function rowsOf(
  contents: AtlasContents,
  besides: Besides,
  { sort, descending, search, show }: TableQuery,
  className: (index: number) => string,
): number[] {
  const { info, table } = contents
  const { labels, among = [] } = besides
  const wanted = search.trim().toLowerCase()
  const named = new Set(
    wanted === '' ? [] : [...new Set(table.topClass)].filter((c) => c >= 0 && matches(className(c), wanted)),
  )
  const rows = Array.from(table.cells.keys()).filter(
    (k) =>
      isShown(table.cells[k]!, info, show) &&
      among.every((some) => some.has(k)) &&
      (wanted === '' ||
        String(k).startsWith(wanted) ||
        named.has(table.topClass[k]!) ||
        isLabelled(labels.get(k), wanted)),
  )
  // Who types a number wants that cluster, before those that only start with it.
  const exact = rows.filter((k) => String(k) === wanted)
  const others = rows.filter((k) => String(k) !== wanted)
  if (sort === 'id') return [...exact, ...(descending ? others.reverse() : others)]
  const column = columnOf(contents, besides, sort)
  const sign = descending ? -1 : 1
  others.sort((a, b) => {
    const [x, y] = [column[a]!, column[b]!]
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b
    return sign * (x - y) || a - b
  })
  return [...exact, ...others]
}

const matches = (name: string, wanted: string) => name.toLowerCase().includes(wanted)
const isLabelled = (label: ClusterLabel | undefined, wanted: string) =>
  label !== undefined && [label.label, label.note, ...label.tags].some((words) => matches(words, wanted))

function isShown(cells: number, info: AtlasInfo, show: Shown): boolean {
  if (show === 'all') return true
  if (show === 'dead') return cells === 0
  return show === 'used' ? cells > 0 : isRare(cells, info.cells, info.entries)
}

/** `0.123 %`, in about three digits; `<0.001 %` for very small nonzero shares. */
export function shareWords(part: number, whole: number): string {
  const percent = whole > 0 ? (100 * part) / whole : 0
  if (percent === 0) return '0 %'
  if (percent < 0.001) return '<0.001 %'
  return `${percent.toFixed(percent >= 10 ? 1 : percent >= 1 ? 2 : 3)} %`
}
