// A run that was made from an image -> its purpose, and what was changed, in words.
import { FAMILIES } from '../generators/families.ts'
import { DIGIT_GRID, type GridName } from '../grid/layout.ts'
import { columnOf, gridOfCells, rowOf } from '../grid/shape.ts'
import type { Change, SampleRequest } from './run.ts'

/**
 * `intervention`: the image, and the same with some tokens changed. `edit`: some tokens pinned, the rest sampled.
 * `crossed`: several grids, each decoded with several noises of stage 2. `one-grid` and `many-grids` are the halves that
 * earlier versions made instead: its grid decoded several times, and other grids with one noise.
 * `decoding`: its grid decoded once, to compare AR and NAR.
 */
export type Purpose = 'intervention' | 'edit' | 'one-grid' | 'many-grids' | 'crossed' | 'decoding'

/** A token as people know it: its label in quotes, if it has one. */
export type TokenWords = (grid: GridName, token: number) => string
const plainToken: TokenWords = (_, token) => String(token)

/** The purpose of a run made from this image; `grid` holds the image's discriminative tokens. */
export function purposeOf(
  { pinned, commonNoise, stage1Noise, count, changes }: SampleRequest,
  grid: ArrayLike<number> | undefined,
): Purpose {
  if (changes && changes.length > 0) return 'intervention'
  if (stage1Noise) return 'crossed'
  if (commonNoise === 'stage2' && !pinned) return 'many-grids'
  const only = pinned?.length === 1 ? pinned[0] : undefined
  const isWhole =
    grid !== undefined &&
    only?.codes === undefined &&
    only?.discriminative?.every((token, i) => token === grid[i])
  if (!isWhole || commonNoise) return 'edit'
  return count > 1 ? 'one-grid' : 'decoding'
}

/** The first sampled cell, if exactly the cells before it are pinned: a branch. */
export function branchCell({ pinned, changes }: SampleRequest): number | undefined {
  const { discriminative, codes } = pinned?.length === 1 && !changes?.length ? pinned[0]! : {}
  // A branch of the codes keeps all discriminative tokens.
  const tokens = discriminative?.some((token) => token < 0) ? discriminative : (codes ?? discriminative)
  const first = tokens?.findIndex((token) => token < 0) ?? -1
  if (first < 1) return undefined
  return tokens!.slice(first).every((token) => token < 0) ? first : undefined
}

/** A change in a few words: `12 cells of 34 became 87`. */
export function changeWords(
  { how, source, cells, before, after, grid }: Change,
  token: TokenWords = plainToken,
): string {
  const where = cells.length === 1 ? `cell ${cells[0]}` : `${cells.length} cells`
  const what = grid === 'codes' ? 'code' : 'cluster'
  if (how === 'copy') return `${where} copied from ${source ? `image ${source.image}` : 'another image'}`
  const [from, to] = [new Set(before), new Set(after)]
  const entry = from.size === 1 ? `${what} ${token(grid, before[0]!)}` : `${from.size} ${what}s`
  if (how === 'surroundings') return `${entry} → its neighbors in ${where}`
  return `${entry} → ${to.size === 1 ? token(grid, after[0]!) : `${to.size} others`} in ${where}`
}

/** What an edit resampled and what it kept, in a few words. */
export function editWords({ pinned, stage2, generator }: SampleRequest): string {
  const { discriminative, codes } = pinned?.[0] ?? {}
  const all = (discriminative ?? codes)?.length ?? DIGIT_GRID.cells
  const free = (tokens: readonly number[] | undefined) =>
    tokens ? tokens.filter((token) => token < 0).length : all
  const kind = generator ? FAMILIES[generator.family].title : stage2.toUpperCase()
  const cells = (count: number) => `${count} ${count === 1 ? 'cell' : 'cells'}`
  if (discriminative && free(discriminative) > 0) {
    const kept = [
      ...(free(discriminative) < all ? [cells(all - free(discriminative))] : []),
      ...(codes && free(codes) < all ? [`${all - free(codes)} codes`] : []),
    ]
    const words = `${cells(free(discriminative))} resampled, then codes by ${kind}`
    return kept.length > 0 ? `${words}; ${kept.join(' and ')} kept` : words
  }
  if (free(codes) === 0) return 'Decoded as edited'
  if (free(codes) === all) return discriminative ? `Codes sampled by ${kind}` : 'All resampled'
  return `${free(codes) === 1 ? '1 code' : `${free(codes)} codes`} resampled by ${kind}; ${all - free(codes)} kept`
}

/** Pinned tokens that differ from the image's own: `cell 87 (row 5, column 7): 12 → 'eye'`; empty if none does. */
export function handWords(
  { pinned }: SampleRequest,
  grid: ArrayLike<number> | undefined,
  token: TokenWords = plainToken,
): string {
  const tokens = pinned?.[0]?.discriminative
  if (!tokens || tokens.length !== grid?.length) return ''
  const cells = tokens.flatMap((now, cell) => (now >= 0 && now !== grid[cell] ? [cell] : []))
  const [cell] = cells
  if (cell === undefined) return ''
  if (cells.length > 1) return `${cells.length} cells changed by hand`
  const shape = gridOfCells(tokens.length)
  const [before, after] = [grid[cell]!, tokens[cell]!].map((one) => token('discriminative', one))
  return `cell ${cell} (row ${rowOf(cell, shape)}, column ${columnOf(cell, shape)}): ${before} → ${after}`
}
