// True tokens -> the log-probability of each under an autoregressive model, in one pass over the sequence.
import { EOS, SPECIALS } from '../models/transformer-config.ts'
import type { OpenTransformer } from '../model-set/open-models.ts'
import type { Provider } from '../session/index.ts'
import { emptyGrid } from '../tokens/grid.ts'
import type { Start } from './grid-decoder.ts'
import { firstIds, prefixIds } from './open-decoder.ts'
import { lazyScorer } from './score.ts'

export interface TokenScorer {
  /** Natural logarithms at temperature 1, [cells] for each grid. Throws ModelError for tokens or logits that are invalid. */
  score(starts: readonly Start[], grids: readonly Int32Array[], signal: AbortSignal): Promise<Float32Array[]>
  close(): Promise<void>
}

/** Special tokens stay in the softmax, so that probabilities of tokens sum to slightly less than 1, as the model has it. */
export function openTokenScorer(model: OpenTransformer, provider: Provider): TokenScorer {
  const scorer = lazyScorer(model, provider)
  const isStage2 = model.config.kind === 'stage2-ar'
  return {
    async score(starts, grids, signal) {
      const seen = grids.map((tokens, i) => ({
        ids: [
          ...(isStage2 ? [...prefixIds(model, starts[i]), EOS] : firstIds(model, starts[i])),
          ...Array.from(tokens.subarray(0, -1), (token) => token + SPECIALS),
        ],
        grid: { ...emptyGrid(tokens.length), tokens, pinned: new Uint8Array(tokens.length).fill(1) },
        image: i,
      }))
      await scorer.fill(seen, 1, signal)
      return seen.map(({ grid }) => grid.logProbabilities)
    },
    close: () => scorer.close(),
  }
}
