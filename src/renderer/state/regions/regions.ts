// A token grid -> its regions: neighbouring cells (side by side, not corner to corner) with the same token, and the
// borders between cells of different ones.

import { columnOf, gridOfCells, type GridShape } from '../../../shared/grid/shape.ts'
export interface Region {
  readonly token: number
  /** In raster order. */
  readonly cells: readonly number[]
}

/** The regions in the order of their first cells. */
export function regionsOf(tokens: ArrayLike<number>): readonly Region[] {
  const grid = gridOfCells(tokens.length)
  const seen = new Uint8Array(grid.cells)
  const regions: Region[] = []
  for (let first = 0; first < grid.cells; first++) {
    if (seen[first]) continue
    seen[first] = 1
    const cells = [first]
    for (const cell of cells)
      for (const next of beside(cell, grid)) {
        if (seen[next] || tokens[next] !== tokens[first]) continue
        seen[next] = 1
        cells.push(next)
      }
    regions.push({ token: tokens[first]!, cells: cells.sort((a, b) => a - b) })
  }
  return regions
}

function beside(cell: number, grid: GridShape): number[] {
  const { side, cells } = grid
  const column = columnOf(cell, grid)
  return [
    ...(column < side - 1 ? [cell + 1] : []),
    ...(column > 0 ? [cell - 1] : []),
    ...(cell >= side ? [cell - side] : []),
    ...(cell < cells - side ? [cell + side] : []),
  ]
}

/** A cluster of the picture, with its area. */
export interface ClusterArea {
  readonly token: number
  /** In raster order. */
  readonly cells: readonly number[]
  readonly regions: number
}

/** The clusters of a grid by decreasing area; ties in raster order. */
export function clusterAreas(tokens: ArrayLike<number>): readonly ClusterArea[] {
  const found = new Map<number, { cells: number[]; regions: number }>()
  for (const { token, cells } of regionsOf(tokens)) {
    const area = found.get(token) ?? { cells: [], regions: 0 }
    area.cells.push(...cells)
    area.regions++
    found.set(token, area)
  }
  return [...found]
    .map(([token, { cells, regions }]) => ({ token, cells: cells.sort((a, b) => a - b), regions }))
    .sort((a, b) => b.cells.length - a.cells.length)
}

/**
 * The borders inside a grid as an SVG path in units of cells: between cells of different tokens, or
 * of all cells if equal neighbors are not merged. Collinear borders are joined into one line.
 */
export function borders(tokens: ArrayLike<number>, merged: boolean): string {
  const { side } = gridOfCells(tokens.length)
  const differ = (a: number, b: number) => !merged || tokens[a] !== tokens[b]
  const lines = (isBorder: (along: number) => boolean, draw: (from: number, length: number) => string) => {
    let path = ''
    for (let from = 0; from < side; from++) {
      if (!isBorder(from)) continue
      let length = 1
      while (from + length < side && isBorder(from + length)) length++
      path += draw(from, length)
      from += length
    }
    return path
  }
  let path = ''
  for (let at = 1; at < side; at++) {
    path += lines(
      (column) => differ((at - 1) * side + column, at * side + column),
      (from, length) => `M${from} ${at}h${length}`,
    )
    path += lines(
      (row) => differ(row * side + at - 1, row * side + at),
      (from, length) => `M${at} ${from}v${length}`,
    )
  }
  return path
}
