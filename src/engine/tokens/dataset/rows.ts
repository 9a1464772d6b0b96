// Images with their token grids <-> the columns of a Parquet file, one row per image.
import { GRID_NAMES, type GridName } from '../../../shared/grid/layout.ts'
import { FormatError } from '../../../shared/errors.ts'
import { encodeParquet, readParquet, type ParquetColumn, type Source } from '../../bytes/index.ts'
import { splitLayers, type TokenGrid } from '../grid.ts'

/** One grid of an image; each array has one entry per cell, in raster order. */
export interface GridRow {
  readonly tokens: ArrayLike<number>
  /** Squared L2 distance of each cell's feature to its centroid. */
  readonly distances?: ArrayLike<number>
  /** Natural log of the probability each token was drawn with, for sampled grids. */
  readonly logProbabilities?: ArrayLike<number>
}

export interface TokenRow {
  /** Relative to the root of the data set, with `/`. Absent for grids without a picture. */
  readonly path?: string
  /** Of the file. */
  readonly sha256?: string
  /** Size and time of the last change, to detect changed files. */
  readonly stamp?: string
  readonly class?: number
  readonly discriminative?: GridRow
  readonly codes?: GridRow
  /** All scales by name, if there are several; `codes` is the finest. */
  readonly scales?: Readonly<Record<string, GridRow>>
}

/** The codes of a picture, all layers one after another, by layer: one grid, or several scales, of which the finest is `codes`. */
export function codesToRow(
  codes: GridRow & TokenGrid,
  layers: Parameters<typeof splitLayers>[1],
): Pick<TokenRow, 'codes' | 'scales'> {
  const scales = splitLayers(codes, layers)
  const finest = Object.values(scales).at(-1)!
  return layers.length === 1 ? { codes: finest } : { codes: finest, scales }
}

const LISTS = ['tokens', 'distances', 'logProbabilities'] as const
type List = (typeof LISTS)[number]

/** The column of a scale of codes, and the tokens in it: `scale_13` has 169. */
const SCALE = /^scale_(\d+)$/
const cellsOf = (scale: string): number => Number(SCALE.exec(scale)![1]) ** 2

/** Column of a grid's list: `codes`, `codes_distance`, `codes_log_probability`. */
export const columnOf = (grid: string, list: List): string =>
  grid + { tokens: '', distances: '_distance', logProbabilities: '_log_probability' }[list]

/** Every file has every column, so that a data set can be read as one table; those of scales are in all its files. */
export function rowsToParquet(rows: readonly TokenRow[]): Uint8Array {
  const names = new Set<string>([...GRID_NAMES, ...rows.flatMap(({ scales = {} }) => Object.keys(scales))])
  const lists = [...names].flatMap((grid) =>
    LISTS.map((list): ParquetColumn => ({
      name: columnOf(grid, list),
      kind: list === 'tokens' ? 'i32 list' : 'f32 list',
      values: rows.map((row) => (row[grid as GridName] ?? row.scales?.[grid])?.[list] ?? null),
    })),
  )
  return encodeParquet([
    { name: 'path', kind: 'string', values: rows.map(({ path }) => path ?? null) },
    { name: 'sha256', kind: 'string', values: rows.map(({ sha256 }) => sha256 ?? null) },
    { name: 'stamp', kind: 'string', values: rows.map(({ stamp }) => stamp ?? null) },
    { name: 'class', kind: 'i32', values: rows.map((row) => row.class ?? null) },
    ...lists,
  ])
}

/** The columns to read; the lists of the grids are most of a file. Scales of codes are read with the codes. */
export interface RowParts {
  readonly grids: readonly GridName[]
}

/** Throws FormatError naming file, row and column of an invalid value. */
export async function parquetToRows(source: Source, { grids }: RowParts): Promise<TokenRow[]> {
  let scales: readonly string[] = []
  const columns = await readParquet(source, (there) => {
    scales = grids.includes('codes') ? there.filter((name) => SCALE.test(name)) : []
    const lists = [...grids, ...scales].flatMap((grid) => LISTS.map((list) => columnOf(grid, list)))
    return ['path', 'sha256', 'stamp', 'class', ...lists]
  })
  const cell = (name: string, row: number) => columns.get(name)![row] ?? undefined
  const wrong = (name: string, row: number, expected: string) =>
    new FormatError(source.name, `column '${name}', row ${row}: wrong type (expected ${expected})`)
  const text = (name: string, row: number) => {
    const value = cell(name, row)
    if (value !== undefined && typeof value !== 'string') throw wrong(name, row, 'text')
    return value === undefined ? {} : { [name]: value }
  }
  const label = (row: number) => {
    const value = cell('class', row)
    if (value === undefined) return {}
    if (typeof value !== 'number') throw wrong('class', row, 'a number')
    return { class: value }
  }
  const gridOf = (grid: string, row: number): Record<string, GridRow> => {
    const found: Partial<Record<List, readonly number[]>> = {}
    for (const list of LISTS) {
      const name = columnOf(grid, list)
      const value = cell(name, row)
      if (value === undefined) continue
      if (!isCells(value)) throw wrong(name, row, 'numbers of a square grid')
      // A probability can be 0, whose log is -Infinity; no distance is infinite, and nothing is NaN.
      const odd = value.find(
        (number) => Number.isNaN(number) || (list !== 'logProbabilities' && !Number.isFinite(number)),
      )
      if (odd !== undefined)
        throw new FormatError(source.name, `column '${name}', row ${row}: not a finite number (found ${odd})`)
      found[list] = value
    }
    const { tokens, ...rest } = found
    const cells = tokens?.length ?? 0
    const other = Object.values(rest).find(({ length }) => length !== cells)
    if (tokens && other)
      throw new FormatError(
        source.name,
        `columns of '${grid}', row ${row}: different lengths (found ${other.length}, expected ${cells})`,
      )
    return tokens === undefined ? {} : { [grid]: { tokens, ...rest } }
  }
  const scalesOf = (row: number): Pick<TokenRow, 'scales'> => {
    const found = joined(scales.map((grid) => gridOf(grid, row)))
    const names = Object.keys(found)
    if (names.length === 0) return {}
    const odd = scales.find((name) => found[name]?.tokens.length !== cellsOf(name))
    if (odd !== undefined)
      throw new FormatError(
        source.name,
        `column '${odd}', row ${row}: wrong number of tokens (found ${found[odd]?.tokens.length ?? 0}, expected ${cellsOf(odd)})`,
      )
    return { scales: found }
  }
  return columns.get('path')!.map((_, row) => ({
    ...text('path', row),
    ...text('sha256', row),
    ...text('stamp', row),
    ...label(row),
    ...joined(grids.map((grid) => gridOf(grid, row))),
    ...scalesOf(row),
  }))
}

const joined = (parts: readonly Record<string, GridRow>[]): Record<string, GridRow> =>
  Object.assign({}, ...parts)

const isCells = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  Number.isInteger(Math.sqrt(value.length)) &&
  value.every((entry) => typeof entry === 'number')
