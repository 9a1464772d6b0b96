// Why a token was drawn: the attention of the model over its input, what each of its layers would have drawn, and how
// much every other position contributes. All of it is recomputed from the record of a finished image.
import * as z from 'zod'
import { CellSchema, GridNameSchema, type GridName } from '../grid/layout.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { ImageNumberSchema, ImageRunIdSchema } from './run.ts'

/** Most likely tokens listed for each layer. */
export const LENS_TOKENS = 5
/** More positions than any input has: a prefix, the start and a grid. */
const MAX_POSITIONS = 4096

/**
 * The model's input when the cell was drawn, as positions in this order: the discriminative tokens (stage 2), the start,
 * and the cells of the grid itself from 0 on. Autoregressive inputs end before the cell; masked ones have every cell.
 */
export interface CellInput {
  /** Cells of the grid. */
  readonly cells: number
  /** Number of discriminative tokens that come first: 0 or the whole grid. */
  readonly prefix: number
  readonly positions: number
  /** The position whose output predicts the cell: the one before it, or in masked decoding its own. */
  readonly position: number
  /** At position `prefix`: the start symbol `</s>`, or the class. */
  readonly start: 'symbol' | 'class'
  /** Masked decoding: 1 for each cell of the grid that was masked in that step [cells]. */
  readonly masked?: Uint8Array
}

/** What the model would have drawn after each layer; row 0 is its input before the first layer. */
export interface LayerLens {
  /** Of the cell's token at temperature 1, before top-k or top-p: [layers + 1]. */
  readonly probabilities: Float32Array
  /** How many tokens were more likely: [layers + 1]. */
  readonly ranks: Int32Array
  /** Nats, at temperature 1: [layers + 1]. */
  readonly entropies: Float32Array
  /** The most likely tokens [layers + 1, top], and their probabilities. */
  readonly top: number
  readonly tokens: Int32Array
  readonly tokenProbabilities: Float32Array
}

export interface CellAttention {
  readonly input: CellInput
  readonly layers: number
  readonly heads: number
  /** Attention of `position` over all positions, each row with sum 1: [layers, heads, positions]. */
  readonly weights: Float32Array
  /** Attention rollout of `position` through all layers, with sum 1: [positions]. */
  readonly rollout: Float32Array
  readonly lens: LayerLens
  /** Natural log of the probability of the cell's token at temperature 1, before top-k or top-p. */
  readonly logProbability: number
}

/** The call that explains one cell takes its image, its grid and its number. */
const cellOfImage = [ImageRunIdSchema, ImageNumberSchema, GridNameSchema, CellSchema] as const

export interface AttentionApi {
  /** One pass of the model over the input that the cell was drawn from. */
  readAttention(run: string, image: number, grid: GridName, cell: number): Promise<CellAttention>
  /**
   * The natural log of the probability of the cell's token, as `CellAttention.logProbability`, when one position of the
   * input is masked: for the first of the given positions, as many as fit into half a second, at least one. A visible
   * cell of masked decoding is replaced by the mask token; any other position can no longer be read by the others.
   */
  readMasked(
    run: string,
    image: number,
    grid: GridName,
    cell: number,
    positions: readonly number[],
  ): Promise<Float32Array>
}

export const ATTENTION_CALLS: CallSchemas<AttentionApi> = {
  readAttention: z.tuple([...cellOfImage]),
  readMasked: z.tuple([
    ...cellOfImage,
    z.array(z.number().int().min(0).max(MAX_POSITIONS)).min(1).max(MAX_POSITIONS),
  ]),
}
