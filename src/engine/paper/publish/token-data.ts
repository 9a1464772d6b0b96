// The token grids of an image -> what the script of a published page shows when a cell is pointed at.
import { gridOfCells } from '../../../shared/grid/shape.ts'
import type { ImageRecord } from '../../records/image-record.ts'
import { isDrawn, type TokenGrid } from '../../tokens/grid.ts'

/** Of one grid, in raster order; rows that were not recorded are absent. */
interface GridData {
  readonly name: string
  readonly side: number
  readonly tokens: readonly number[]
  /** Of the clusters that occur. */
  readonly labels?: Readonly<Record<number, string>>
  /** Natural logarithm, to four decimals. */
  readonly logProbabilities?: readonly number[]
  readonly ranks?: readonly number[]
  /** In nats, to four decimals. */
  readonly entropies?: readonly number[]
  readonly steps?: readonly number[]
  /** Cells whose token was pinned. */
  readonly pinned?: readonly number[]
}

export function tokenData(
  { discriminative, codes, drifted }: ImageRecord,
  labels: ReadonlyMap<number, string>,
): readonly GridData[] {
  return [
    ...(discriminative ? [gridData('Discriminative', discriminative, labels)] : []),
    gridData('Codes', codes, new Map()),
    ...(drifted ? [gridData('Encoded again', { tokens: drifted }, labels)] : []),
  ]
}

function gridData(name: string, grid: TokenGrid, labels: ReadonlyMap<number, string>): GridData {
  const tokens = [...grid.tokens]
  const labelled = [...new Set(tokens)].flatMap((token) => {
    const label = labels.get(token)
    return label ? [[token, label] as const] : []
  })
  const pinned = [...(grid.pinned?.keys() ?? [])].filter((cell) => grid.pinned![cell])
  const short = (values: Float32Array) => Array.from(values, (value) => Math.round(value * 1e4) / 1e4)
  return {
    name,
    side: gridOfCells(tokens.length).side,
    tokens,
    ...(labelled.length > 0 ? { labels: Object.fromEntries(labelled) } : {}),
    ...(isDrawn(grid)
      ? {
          logProbabilities: short(grid.logProbabilities),
          ranks: [...grid.ranks],
          entropies: short(grid.entropies),
          ...(grid.steps ? { steps: [...grid.steps] } : {}),
        }
      : {}),
    ...(pinned.length > 0 ? { pinned } : {}),
  }
}
