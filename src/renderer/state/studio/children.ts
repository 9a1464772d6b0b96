// The runs made from one image, by purpose: edits, the two halves of the variance split, pairs.
import { DIGIT_GRID } from '../../../shared/grid/layout.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { Change, SampleRequest } from '../../../shared/run/run.ts'

/**
 * `intervention`: the image, and the same with some tokens changed. `edit`: some tokens pinned, the rest sampled.
 * `one-grid`: its discriminative grid, decoded several times. `many-grids`: other grids with one noise of stage 2.
 * `decoding`: its grid decoded once, to compare AR and NAR.
 */
export type Purpose = 'intervention' | 'edit' | 'one-grid' | 'many-grids' | 'decoding'

/** The purpose of a run made from this image; `grid` holds the image's discriminative tokens. */
export function purposeOf(
  { pinned, commonNoise, count, changes }: SampleRequest,
  grid: ArrayLike<number> | undefined,
): Purpose {
  if (changes && changes.length > 0) return 'intervention'
  if (commonNoise === 'stage2' && !pinned) return 'many-grids'
  const only = pinned?.length === 1 ? pinned[0] : undefined
  const isWhole =
    grid !== undefined &&
    only?.codes === undefined &&
    only?.discriminative?.every((token, i) => token === grid[i])
  if (!isWhole || commonNoise) return 'edit'
  return count > 1 ? 'one-grid' : 'decoding'
}

/** The runs made from an image, in the order of `runs`. */
export function childrenOf(
  runs: readonly WorkspaceRun[],
  run: string,
  image: number,
): readonly (WorkspaceRun & { readonly request: SampleRequest })[] {
  return runs.filter(
    (child): child is WorkspaceRun & { readonly request: SampleRequest } =>
      child.request?.from?.run === run && child.request.from.image === image,
  )
}

/** A change in a few words: `12 cells of 34 became 87`. */
export function changeWords({ how, source, cells, before, after, grid }: Change): string {
  const where = cells.length === 1 ? `cell ${cells[0]}` : `${cells.length} cells`
  const what = grid === 'codes' ? 'code' : 'cluster'
  if (how === 'copy') return `${where} copied from ${source ? `image ${source.image}` : 'another image'}`
  const [from, to] = [new Set(before), new Set(after)]
  const entry = from.size === 1 ? `${what} ${before[0]}` : `${from.size} ${what}s`
  if (how === 'surroundings') return `${entry} → its neighbors in ${where}`
  return `${entry} → ${to.size === 1 ? after[0] : `${to.size} others`} in ${where}`
}

/** What an edit resampled, in a few words. */
export function editWords({ pinned, stage2 }: SampleRequest): string {
  const { discriminative, codes } = pinned?.[0] ?? {}
  const all = (discriminative ?? codes)?.length ?? DIGIT_GRID.cells
  const free = (tokens: readonly number[] | undefined) =>
    tokens ? tokens.filter((token) => token < 0).length : all
  const kind = stage2.toUpperCase()
  const cells = (count: number) => `${count} ${count === 1 ? 'cell' : 'cells'}`
  if (discriminative && free(discriminative) > 0) {
    const kept = codes && free(codes) < all ? `, ${all - free(codes)} codes kept` : ''
    return `${cells(free(discriminative))} resampled, then codes by ${kind}${kept}`
  }
  if (free(codes) === 0) return 'Decoded as edited'
  if (free(codes) === all) return discriminative ? `Codes sampled by ${kind}` : 'All resampled'
  return `${free(codes) === 1 ? '1 code' : `${free(codes)} codes`} resampled by ${kind}`
}
