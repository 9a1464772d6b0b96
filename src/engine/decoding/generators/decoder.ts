// The common interface for drawing the grids of a batch of images with a generator, and what its decoders share.
// R = rows of a pass: with guidance two an image, its class and none, next to each other so that an image does not depend
// on its batch. V = columns of the logits.
import { ModelError } from '../../../shared/errors.ts'
import type { Label } from '../../models/generators/generator.ts'
import type { DrawnGrid } from '../../tokens/grid.ts'
import { gumbel, uniform } from '../../tokens/random.ts'
import type { DecodeCallbacks } from '../grid-decoder.ts'
import type { DrawnOf } from './draw-token.ts'

/** The random numbers of an image. */
export interface Noise {
  /** In [0, 1), for the token of a position at a step. */
  uniform(step: number, position: number): number
  /** For the confidence of that token. */
  gumbel(step: number, position: number): number
}

/** One image to draw. */
export interface GeneratorImage {
  /** Its number in the run, for errors and previews. */
  readonly image: number
  readonly label: Label
  readonly noise: Noise
  /** Tokens to use instead of drawing, -1 where one is drawn. */
  readonly pinned?: ArrayLike<number> | undefined
}

export interface GeneratorDecoder<Rule> {
  /** Rejects with the signal's reason when it is aborted between two passes. */
  draw(images: readonly GeneratorImage[], rule: Rule, callbacks: DecodeCallbacks): Promise<DrawnGrid[]>
  close(): Promise<void>
}

/** The stream of an image: its numbers depend on the seed and its number alone. */
export const noiseOf = (seed: number, image: number, cells: number): Noise => ({
  uniform: (step, position) => uniform(seed, image, 'maskedToken', step * cells + position),
  gumbel: (step, position) => gumbel(seed, image, 'maskedChoice', step * cells + position),
})

/** The labels of the rows of a pass. */
export const rowLabels = (images: readonly Pick<GeneratorImage, 'label'>[], isGuided: boolean): Label[] =>
  images.flatMap(({ label }): Label[] => (isGuided ? [label, null] : [label]))

/** Logits [V] of an image from those of its rows, at an offset in each: u + s (c - u), or c without guidance. */
export function guided(
  rows: readonly Float32Array[],
  offset: number,
  columns: number,
  scale: number | undefined,
): Float32Array {
  const conditional = rows[0]!.subarray(offset, offset + columns)
  if (scale === undefined) return conditional
  const free = rows[1]!
  return conditional.map((c, k) => free[offset + k]! + scale * (c - free[offset + k]!))
}

/** The rows of an image among those of a pass. */
export function rowsOf(
  logits: Float32Array,
  image: number,
  isGuided: boolean,
  length: number,
): Float32Array[] {
  const [first, count] = isGuided ? [2 * image, 2] : [image, 1]
  return Array.from({ length: count }, (_, i) =>
    logits.subarray((first + i) * length, (first + i + 1) * length),
  )
}

/** Puts a draw into a grid. Throws ModelError if the logits were not finite. */
export function put(file: string, image: number, grid: DrawnGrid, at: number, drawn: DrawnOf): void {
  if (!Number.isFinite(drawn.entropy))
    throw new ModelError(
      `${file}: image ${image}, token ${at}: the logits are not finite (the weights may contain NaN or infinity)`,
    )
  grid.tokens[at] = drawn.token
  grid.ranks[at] = drawn.rank
  grid.logProbabilities[at] = drawn.logProbability
  grid.entropies[at] = drawn.entropy
}
