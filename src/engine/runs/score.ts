// Given tokens -> what the model thought of them, so that a record has no holes where nothing was drawn.
import { graphToOnnx } from '../graph/index.ts'
import { scoreGraph } from '../models/score-graph.ts'
import type { TransformerModel } from '../models/transformer-graphs.ts'
import { GRID_TOKENS, SPECIALS } from '../models/transformer-config.ts'
import { openSession, tensor, type Provider, type Session } from '../session/index.ts'
import type { DrawnGrid } from '../tokens/grid.ts'
import { imagesAtOnce, inParts } from './parts.ts'

/** A grid and the ids under which the model sees it: the last 256 positions predict its tokens. */
export interface SeenGrid {
  readonly ids: readonly number[]
  readonly grid: DrawnGrid
}

export interface Scorer {
  /** Fills in what is recorded of the tokens that `given` marks; ids of one length for all. */
  fill(grids: readonly SeenGrid[], temperature: number, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Most runs give nothing, so the session is opened when it is first needed. */
export function lazyScorer(model: TransformerModel, provider: Provider): Scorer {
  const { heads, ffn, vocabulary } = model.config
  let opened: Promise<Session> | undefined
  return {
    async fill(all, temperature, signal) {
      const marked = all.filter(({ grid }) => grid.given)
      if (marked.length === 0) return
      // Weights that are not packed stay in the mapped file, and one pass over a sequence is short without.
      opened ??= openSession(graphToOnnx(scoreGraph(model)), { provider, prepack: false })
      const session = await opened.catch((error: Error) => {
        opened = undefined
        throw error
      })
      const T = marked[0]!.ids.length
      const largest = Math.max(heads * T ** 2, T * ffn, GRID_TOKENS * (vocabulary + SPECIALS))
      await inParts(marked.length, imagesAtOnce(4 * largest), async (from, to) => {
        signal.throwIfAborted()
        const part = marked.slice(from, to)
        const outputs = await session.run({
          ids: tensor(
            'i64',
            part.flatMap(({ ids }) => ids),
            [part.length, T],
          ),
          tokens: tensor(
            'i64',
            part.flatMap(({ grid }) => Array.from(grid.tokens)),
            [part.length, GRID_TOKENS],
          ),
          temperature: tensor('f32', [temperature], []),
        })
        const logProbabilities = outputs.log_probabilities!.data as Float32Array
        const ranks = outputs.ranks!.data as BigInt64Array
        const entropies = outputs.entropies!.data as Float32Array
        for (const [b, { grid }] of part.entries())
          for (const [at, isGiven] of grid.given!.entries()) {
            if (!isGiven) continue
            const i = b * GRID_TOKENS + at
            grid.logProbabilities[at] = logProbabilities[i]!
            grid.ranks[at] = Number(ranks[i])
            grid.entropies[at] = entropies[i]!
          }
        return []
      })
    },
    async close() {
      await (await opened)?.close()
    },
  }
}

/** The grid with its given tokens marked, where it has any. */
export function markGiven(grid: DrawnGrid, given: ArrayLike<number> | undefined): DrawnGrid {
  const marks = Uint8Array.from(given ?? [], (token) => (token >= 0 ? 1 : 0))
  return marks.includes(1) ? { ...grid, given: marks } : grid
}
