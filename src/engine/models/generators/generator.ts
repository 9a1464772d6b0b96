// What a family's network is to the decoders: its sizes, its graph, and the ids that it reads.
// R = rows: an image, or with guidance an image with its class and again without. V = columns of the logits.
import type { Graph } from '../../graph/index.ts'
import type { CacheSizes } from '../attention.ts'

/** A class, or null for the row without one. Models without classes get null only. */
export type Label = number | null

interface Network {
  /** Codes that it generates: tokens are 0 to vocabulary - 1. */
  readonly vocabulary: number
  /** Number of classes, 0 if it has none. */
  readonly classes: number
}

/** Draws one token after another, in raster order. */
export interface CausalNetwork extends Network {
  readonly order: 'raster'
  readonly cells: number
  readonly cache: CacheSizes
  /** Whether the step has an input `condition`. */
  readonly conditioned: boolean
  /** The ids that a sequence starts with, before its codes, which are their own ids. */
  start(label: Label): readonly number[]
  /**
   * `ids` i64 [R, T] at positions `start` i64 [].. with the caches `past_*` [R, H, P, D] and `fresh_*` [R, H, M, D] ->
   * `logits` f32 [R, V] of the last position, and the longer `fresh_*_out`. `condition` i64 [R] is the last id of
   * `start`.
   */
  step(): Graph
  /** `ids` i64 [R, T], whole sequences -> `logits` f32 [R, T, V] of every position. */
  pass(): Graph
  /** As `step`, with the cache in one run: `past_*` [R, H, P, D] -> `present_*` [R, H, P+T, D]. */
  plainStep(): Graph
}

/** Draws many positions at once, in several steps. */
export interface MaskedNetwork extends Network {
  readonly order: 'masked'
  readonly cells: number
  /** Columns of the logits: the vocabulary, and for MaskGIT the mask. */
  readonly columns: number
  /** The id of a masked position. */
  readonly mask: number
  /** The ids of a pass over these ids of the grid. */
  ids(grid: ArrayLike<number>, label: Label): readonly number[]
  /** `ids` i64 [R, T] -> `logits` f32 [R, cells, columns]. */
  step(): Graph
}

/** Draws one grid after another, from coarse to fine, each in one pass. */
export interface ScalesNetwork extends Network {
  readonly order: 'scales'
  /** Sides of the grids. */
  readonly sides: readonly number[]
  /** Codes of all grids together. */
  readonly cells: number
  readonly cache: CacheSizes
  /** Numbers of a place of a map: the width of a code of its tokenizer, E. */
  readonly codeWidth: number
  /** The row of the class embedding. */
  condition(label: Label): number
  /**
   * `maps` f32 [R, T, E] at positions `start` i64 [].. with the cache `past_*` [R, H, P, D] and `condition` i64 [R] ->
   * `logits` f32 [R, T, V], and the longer cache `present_*` [R, H, P+T, D]. The first position reads no map.
   */
  step(): Graph
  /** `maps` f32 [R, T, E] and `condition` -> `logits` f32 [R, T, V] of all scales, or the first, at once. */
  pass(): Graph
}

export type GeneratorNetwork = CausalNetwork | MaskedNetwork | ScalesNetwork

/** Sizes that are in no tensor: from a configuration file, or from the user. */
export interface Hints {
  readonly heads?: number
  /** Codes of its tokenizer. */
  readonly codes?: number
  /** Cells along a side of the grid. */
  readonly side?: number
}
