// Pinned tokens of a run, checked against its models and assigned to its images.
import { createHash } from 'node:crypto'
import { ModelError, RequestError } from '../../shared/errors.ts'
import type { Pinned, SampleSpec } from '../../shared/run/run.ts'
import type { OpenTransformer } from '../model-set/open-models.ts'

/** The tokens [256] pinned for an image, -1 where they are sampled; undefined if all are. */
type Dealt = (image: number) => readonly number[] | undefined

export interface PinnedTokens {
  readonly stage1: Dealt
  readonly stage2: Dealt
  /** Identifies the tokens in the recipe; undefined if none are pinned. */
  readonly sha256: string | undefined
}

/**
 * Throws RequestError if the models cannot use the tokens, ModelError if a token is out of range. A plain model over
 * VQGAN codes has no stage 2; its own grid is the codes.
 */
export function pinnedTokens(
  { pinned = [] }: Pick<SampleSpec, 'pinned'>,
  stage1: OpenTransformer,
  stage2: OpenTransformer | undefined,
): PinnedTokens {
  const [first, second] = stage2 ? (['discriminative', 'codes'] as const) : (['codes'] as const)
  for (const [i, grids] of pinned.entries()) {
    if (!stage2 && !isDrawnWhole(grids.discriminative))
      throw new RequestError(
        `pinned[${i}]: discriminative tokens cannot be used (${stage1.file.path} generates VQGAN codes directly)`,
      )
    check(stage1, grids[first], `pinned[${i}].${first}`)
    if (stage2 && second) check(stage2, grids[second], `pinned[${i}].${second}`)
  }
  const deal =
    (grid: keyof Pinned | undefined): Dealt =>
    (image) => {
      const tokens = grid && pinned[image % pinned.length]?.[grid]
      return isDrawnWhole(tokens) ? undefined : tokens
    }
  return {
    stage1: deal(first),
    stage2: deal(second),
    sha256: pinnedHash(pinned, stage1.config.grid.cells),
  }
}

const isDrawnWhole = (tokens: readonly number[] = []) => tokens.every((token) => token < 0)

function check({ config, file }: OpenTransformer, tokens: readonly number[] = [], field: string): void {
  const { cells } = config.grid
  if (tokens.length > 0 && tokens.length !== cells)
    throw new RequestError(`${field}: wrong number of tokens (found ${tokens.length}, expected ${cells})`)
  const at = tokens.findIndex((token) => token >= config.vocabulary)
  if (at >= 0)
    throw new ModelError(
      `${file.path}: ${field}: token out of range (found ${tokens[at]} at cell ${at}, expected 0 to ${config.vocabulary - 1})`,
    )
}

/** Hash of both grids of each entry as little-endian int32, an absent grid all -1; undefined if nothing is pinned. */
export function pinnedHash(pinned: readonly Pinned[] = [], cells: number): string | undefined {
  const isEmpty = pinned.every(
    ({ discriminative, codes }) => isDrawnWhole(discriminative) && isDrawnWhole(codes),
  )
  if (isEmpty) return undefined
  const all = new Array<number>(cells).fill(-1)
  const digest = createHash('sha256')
  for (const { discriminative = all, codes = all } of pinned)
    digest.update(new Uint8Array(Int32Array.from([...discriminative, ...codes]).buffer))
  return digest.digest('hex')
}
