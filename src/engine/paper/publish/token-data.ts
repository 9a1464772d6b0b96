// The token grids of an image -> what the script of a published page shows when a cell is pointed at.
import type { Colouring } from '../../../shared/colour/token-palette.ts'
import { hex } from '../../../shared/figures/colour.ts'
import type { GridName } from '../../../shared/grid/layout.ts'
import { gridOfCells } from '../../../shared/grid/shape.ts'
import type { ImageRecord } from '../../records/image-record.ts'
import { isDrawn, type TokenGrid } from '../../tokens/grid.ts'

/** Of one grid, in raster order; rows that were not recorded are absent. */
interface GridData {
  readonly name: string
  readonly side: number
  readonly tokens: readonly number[]
  /** `rrggbb` of the tokens that occur; absent: hues by their numbers. */
  readonly colours?: Readonly<Record<number, string>>
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
  { discriminative, codes, scales, drifted }: ImageRecord,
  labels: ReadonlyMap<number, string>,
  colours: { readonly [grid in GridName]?: Colouring | undefined } = {},
): readonly GridData[] {
  return [
    ...(discriminative ? [gridData('Discriminative', discriminative, labels, colours.discriminative)] : []),
    ...Object.entries(scales ?? { codes }).map(([name, grid]) =>
      gridData(titleOf(name), grid, new Map(), colours.codes),
    ),
    ...(drifted ? [gridData('Encoded again', { tokens: drifted }, labels, colours.discriminative)] : []),
  ]
}

/** `codes` -> Codes, `scale_13` -> Scale 13 */
const titleOf = (layer: string) => `${layer[0]!.toUpperCase()}${layer.slice(1)}`.replaceAll('_', ' ')

function gridData(
  name: string,
  grid: TokenGrid,
  labels: ReadonlyMap<number, string>,
  colouring: Colouring | undefined,
): GridData {
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
    ...(colouring
      ? { colours: Object.fromEntries([...new Set(tokens)].map((token) => [token, hex(colouring(token))])) }
      : {}),
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
