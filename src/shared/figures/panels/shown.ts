// An image of the figure as a table cell: unchanged, or with the cells of some tokens outlined.
import { gridOfCells, type GridShape } from '../../grid/shape.ts'
import { DIGIT_GRID, type GridName } from '../../grid/layout.ts'
import { RequestError } from '../../errors.ts'
import { cellsOf, outline } from '../cells.ts'
import { hex, paletteColour, tokenColour } from '../colour.ts'
import type { Content, ContentImage } from '../content.ts'
import type { PictureSource } from '../display.ts'
import { refKey, type ImageRef } from '../image-ref.ts'
import type { Cell } from '../image-table.ts'

export function contentImage(content: Content, ref: ImageRef): ContentImage {
  const image = content.images.get(refKey(ref))
  if (!image) throw new RequestError(`${refKey(ref)}: not loaded`)
  return image
}

/** A cell that shows the image, or something derived from it. */
export const shown = (content: Content, ref: ImageRef, source?: PictureSource): Cell => {
  const { width, height } = contentImage(content, ref)
  return { source: source ?? { of: 'image', image: refKey(ref) }, width, height }
}

/** Throws RequestError if the image has no record of this grid. */
export function tokensOf(content: Content, ref: ImageRef, grid: GridName): ArrayLike<number> {
  const tokens = contentImage(content, ref).tokens[grid]
  if (!tokens)
    throw new RequestError(
      `${refKey(ref)}: the image has no ${grid === 'codes' ? 'VQGAN codes' : 'discriminative tokens'}`,
    )
  const { cells } = DIGIT_GRID
  if (tokens.length !== cells)
    throw new RequestError(`${refKey(ref)}: found ${tokens.length} tokens, expected ${cells}`)
  return tokens
}

/** An image whose tokens are shown as colours over it. */
export function coloured(content: Content, ref: ImageRef, grid: GridName, opacity: number): Cell {
  const tokens = tokensOf(content, ref, grid)
  const colourOf = content.colourOf ?? ((_, token) => tokenColour(token))
  const cells = Array.from(tokens, (token) => hex(colourOf(grid, token))).join('')
  return shown(content, ref, { of: 'tokens', image: refKey(ref), cells, opacity })
}

/** Width of outlines in em. */
export const OUTLINE = 0.09

/** An image in which the cells of some tokens are outlined and all others faded. */
export function highlighted(
  content: Content,
  ref: ImageRef,
  grid: GridName,
  tokens: readonly number[],
  opacity: number,
  size: number,
): Cell {
  const all = tokensOf(content, ref, grid)
  const groups = tokens.map((token) => cellsOf(all, token))
  const shape = gridOfCells(all.length)
  const faded = others(groups.flat(), shape)
  const source = { of: 'faded', image: refKey(ref), side: shape.side, cells: faded, opacity } as const
  return {
    ...shown(content, ref, source),
    over: (width, height) =>
      groups.flatMap((cells, i) =>
        outline(cells, shape, width, height, paletteColour(i + 1), OUTLINE * size),
      ),
  }
}

function others(cells: readonly number[], shape: GridShape): number[] {
  const inside = new Set(cells)
  return Array.from({ length: shape.cells }, (_, i) => i).filter((i) => !inside.has(i))
}
