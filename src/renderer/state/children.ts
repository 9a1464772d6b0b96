// The runs made from one image, told apart by what they ask: edits, the two halves of the variance split, pairs.
import type { WorkspaceRun } from '../../shared/api.ts'
import type { SampleRequest } from '../../shared/run.ts'

/**
 * `edit`: some tokens given, the rest drawn. `one-grid`: its discriminative grid, decoded several times.
 * `many-grids`: other grids with one noise of stage 2. `decoding`: its grid decoded once, for AR beside NAR.
 */
export type Purpose = 'edit' | 'one-grid' | 'many-grids' | 'decoding'

/** What a run was made from this image for; `grid` are the image's discriminative tokens. */
export function purposeOf(
  { given, commonNoise, count }: SampleRequest,
  grid: ArrayLike<number> | undefined,
): Purpose {
  if (commonNoise === 'stage2' && !given) return 'many-grids'
  const only = given?.length === 1 ? given[0] : undefined
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

/** What an edit drew again, in a few words. */
export function editWords({ given, stage2 }: SampleRequest): string {
  const { discriminative, codes } = given?.[0] ?? {}
  const free = (tokens: readonly number[] | undefined) =>
    tokens ? tokens.filter((token) => token < 0).length : 256
  const kind = stage2.toUpperCase()
  const cells = (count: number) => `${count} ${count === 1 ? 'cell' : 'cells'}`
  if (discriminative && free(discriminative) > 0) {
    const kept = codes && free(codes) < 256 ? `, ${256 - free(codes)} codes kept` : ''
    return `${cells(free(discriminative))} drawn again, then codes by ${kind}${kept}`
  }
  if (free(codes) === 0) return 'Decoded as edited'
  if (free(codes) === 256) return discriminative ? `Codes drawn by ${kind}` : 'All drawn again'
  return `${free(codes) === 1 ? '1 code' : `${free(codes)} codes`} drawn again by ${kind}`
}
