// The published values in a chart: whether shown, which ones, and their positions on the axes.
import { computed } from 'vue'
import type { PublishedMark } from '../../../shared/figures/chart-option.ts'
import {
  CLASS_CONDITIONAL,
  PUBLISHED_TYPES,
  UNCONDITIONAL,
  type PublishedSamples,
} from '../../../shared/evaluation/published.ts'
import { address } from '../app/address.ts'
import { across, up } from './curve.ts'
import { SIZES } from '../evaluate/published-table.ts'

/** Visibility and filters: `published=off`, `table`, `type`, `size` in the address. */
export const publishedFilter = computed(() => {
  const { published, table, type, size } = address.value.query
  return {
    shown: published === 'on',
    table: table === 'classes' ? 'classes' : 'plain',
    type: PUBLISHED_TYPES.find((known) => known === type),
    size: SIZES.find(({ value }) => value === size) ?? SIZES[0],
  } as const
})

const FIELDS: Readonly<Record<string, (row: PublishedSamples) => number | undefined>> = {
  frechet_inception_distance: ({ fid }) => fid.value,
  inception_score_mean: ({ inceptionScore }) => inceptionScore?.value,
  epoch: ({ epochs }) => epochs,
}
/** Published values are shown only for FID and IS: other distances are not comparable. */
export const isPublished = (name: string | undefined) =>
  name !== undefined && name !== 'epoch' && name in FIELDS

export const publishedMarks = computed<readonly PublishedMark[]>(() => {
  const { shown, table, type, size } = publishedFilter.value
  const field = up.value === undefined ? undefined : FIELDS[up.value]
  if (!shown || !field || !isPublished(up.value)) return []
  const rows = table === 'classes' ? CLASS_CONDITIONAL : UNCONDITIONAL
  const place = FIELDS[across.value ?? '']
  return rows.flatMap((row) => {
    const y = field(row)
    const { value } = row.parameters
    if (y === undefined || (type && row.type !== type) || value < size.from || value >= size.to) return []
    const x = place?.(row)
    if (place && x === undefined) return []
    const label = `${row.method} ${row.parameters.text}${row.guided ? '*' : ''}`
    return [{ label, y, ...(x === undefined ? {} : { x }) }]
  })
})
