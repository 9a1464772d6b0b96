// The published tables -> rows that are filtered and sorted; and whether an own measurement is comparable with them.
import type { Stamp } from '../../../shared/evaluation/evaluation.ts'
import { PUBLISHED_TYPES, type PublishedType } from '../../../shared/evaluation/published.ts'

export const TABLES = ['unconditional', 'class', 'probe'] as const
export type TableName = (typeof TABLES)[number]
export const COLUMNS = [
  'type',
  'method',
  'parameters',
  'epochs',
  'fid',
  'is',
  'tokens',
  'features',
  'top1',
] as const
export type Column = (typeof COLUMNS)[number]

/** Sizes to filter by, in millions of parameters. */
export const SIZES = [
  { value: 'all', text: 'Any size', from: 0, to: Infinity },
  { value: 'small', text: '< 300M', from: 0, to: 300 },
  { value: 'medium', text: '300M – 1B', from: 300, to: 1000 },
  { value: 'large', text: '≥ 1B', from: 1000, to: Infinity },
] as const

export interface PublishedQuery {
  readonly table: TableName
  readonly type: PublishedType | 'all'
  readonly size: (typeof SIZES)[number]['value']
  /** If absent, the order of the paper. */
  readonly sort?: Column
  readonly descending: boolean
}

export function publishedQueryOf(query: Readonly<Record<string, string>>): PublishedQuery {
  const sort = COLUMNS.find((column) => column === query.sort)
  return {
    table: TABLES.find((table) => table === query.table) ?? 'unconditional',
    type: PUBLISHED_TYPES.find((type) => type === query.type) ?? 'all',
    size: SIZES.find(({ value }) => value === query.size)?.value ?? 'all',
    ...(sort ? { sort } : {}),
    descending: query.order === undefined ? sort === 'is' || sort === 'top1' : query.order === 'down',
  }
}

/** A row of any of the tables. */
export interface PublishedRow {
  readonly type?: PublishedType
  readonly method: string
  readonly parameters?: { readonly value: number }
  readonly epochs?: number
  readonly fid?: { readonly value: number }
  readonly inceptionScore?: { readonly value: number }
  readonly tokens?: { readonly value: number }
  readonly features?: { readonly value: number }
  readonly top1?: { readonly value: number }
}

/** Rows without a value come last in either order. */
export function filteredRows<R extends PublishedRow>(
  rows: readonly R[],
  { type, size, sort, descending }: PublishedQuery,
): R[] {
  const { from, to } = SIZES.find(({ value }) => value === size)!
  const shown = rows.filter(
    (row) =>
      (type === 'all' || row.type === undefined || row.type === type) &&
      (row.parameters === undefined || (row.parameters.value >= from && row.parameters.value < to)),
  )
  if (!sort) return shown
  const sign = descending ? -1 : 1
  return shown.sort((a, b) => {
    const [x, y] = [valueOf(a, sort), valueOf(b, sort)]
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined)
    return sign * (typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y))
  })
}

function valueOf(row: PublishedRow, column: Column): number | string | undefined {
  if (column === 'type' || column === 'method' || column === 'epochs') return row[column]
  return row[column === 'is' ? 'inceptionScore' : column]?.value
}

const PUBLISHED_COUNT = 50_000
const SIDE = 256

/** Why a measurement is not comparable with the release's own rows; empty if it is. */
export function differences({ metric, samples, reference, badges }: Stamp): string[] {
  const found: string[] = []
  if (metric === 'dinov2') return ['DINOv2 features: no FID']
  if (metric === 'clip') return ['CLIP features: no FID']
  if (metric !== 'torch-fidelity') found.push(`protocol ${metric}`)
  if (samples.n !== PUBLISHED_COUNT) found.push(`n = ${samples.n?.toLocaleString('en-US') ?? 'unknown'}`)
  if (reference.n !== PUBLISHED_COUNT)
    found.push(
      reference.n === undefined
        ? 'statistics with an unknown number of images'
        : `${reference.n.toLocaleString('en-US')} reference images`,
    )
  const crop = /^Resize\((\d+)/.exec(reference.crop)?.[1]
  if (reference.kind === 'images' && crop !== undefined && Number(crop) !== SIDE)
    found.push(`${crop} x ${crop} pixels`)
  if (reference.kind === 'images' && crop === undefined) found.push(`pixels ${reference.crop}`)
  // Lossy files, and classes in other proportions or missing.
  found.push(...badges.filter((badge) => /JPEG or WebP|^unbalanced classes|are of classes that/.test(badge)))
  return found
}
