// Pinned tokens -> the model's scores for them, so that the record is complete.
import { graphToOnnx } from '../graph/index.ts'
import { scoreGraph } from '../models/score-graph.ts'
import type { TransformerModel } from '../models/transformer-graphs.ts'
import { SPECIALS } from '../models/transformer-config.ts'
import { openSession, tensor, type Provider, type Session } from '../session/index.ts'
import type { DrawnGrid } from '../tokens/grid.ts'
import { checkEntropy } from './autoregressive.ts'
import { imagesAtOnce, inBatches } from '../devices/batches.ts'

/** A grid and the ids that the model sees: the last 256 positions predict its tokens. */
export interface SeenGrid {
  readonly ids: readonly number[]
  readonly grid: DrawnGrid
  /** Its number in the run, for errors. */
  readonly image: number
}

export interface Scorer {
  /** Fills in the record of the tokens marked by `pinned`; all ids have the same length. */
  fill(grids: readonly SeenGrid[], temperature: number, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** The record of each token of a grid, [256]. */
type Scores = Pick<DrawnGrid, 'logProbabilities' | 'ranks' | 'entropies'>

/** Grids whose scores are cached, for grids decoded many times; above this number the cache is cleared. */
const REMEMBERED = 256

/** Most runs pin nothing, so the session is opened on first use. */
export function lazyScorer(model: TransformerModel, provider: Provider): Scorer {
  let opened: Promise<Session> | undefined
  const known = new Map<string, Scores>()
  // Without packing, weights stay in the mapped file; one pass over a sequence is fast enough.
  const open = () => openSession(graphToOnnx(scoreGraph(model)), { provider, prepack: false })
  return {
    async fill(all, temperature, signal) {
      const marked = all.flatMap(({ ids, grid, image }) => {
        if (!grid.pinned) return []
        const tokens = Array.from(grid.tokens, (token, at) => (grid.pinned?.[at] ? token : 0))
        return [{ grid, image, row: { ids, tokens }, key: `${temperature} ${ids.join()} ${tokens.join()}` }]
      })
      if (known.size > REMEMBERED) known.clear()
      const rows = new Map(marked.flatMap(({ key, row }) => (known.has(key) ? [] : [[key, row]])))
      if (rows.size > 0) {
        opened ??= open()
        const session = await opened.catch((error: Error) => {
          opened = undefined
          throw error
        })
        const scores = await scoreRows(session, model, [...rows.values()], temperature, signal)
        for (const [i, key] of [...rows.keys()].entries()) {
          const { image } = marked.find((one) => one.key === key)!
          scores[i]!.entropies.forEach((entropy, at) => checkEntropy(model, entropy, image, at))
          known.set(key, scores[i]!)
        }
      }
      for (const { grid, key } of marked) copyPinned(known.get(key)!, grid)
    },
    async close() {
      await (await opened)?.close()
    },
  }
}

/** A sequence as the model sees it, and the tokens [256] to score at its last positions. */
interface Row {
  readonly ids: readonly number[]
  readonly tokens: readonly number[]
}

function scoreRows(
  session: Session,
  {
    config: {
      heads,
      ffn,
      vocabulary,
      grid: { cells },
    },
  }: TransformerModel,
  rows: readonly Row[],
  temperature: number,
  signal: AbortSignal,
): Promise<Scores[]> {
  const T = rows[0]!.ids.length
  const largest = Math.max(heads * T ** 2, T * ffn, cells * (vocabulary + SPECIALS))
  return inBatches(rows.length, imagesAtOnce(4 * largest), async (from, to) => {
    signal.throwIfAborted()
    const part = rows.slice(from, to)
    const B = part.length
    const outputs = await session.run({
      ids: tensor(
        'i64',
        part.flatMap(({ ids }) => ids),
        [B, T],
      ),
      tokens: tensor(
        'i64',
        part.flatMap(({ tokens }) => tokens),
        [B, cells],
      ),
      temperature: tensor('f32', [temperature], []),
    })
    const logProbabilities = outputs.log_probabilities!.data as Float32Array
    const ranks = Int32Array.from(outputs.ranks!.data as BigInt64Array, Number)
    const entropies = outputs.entropies!.data as Float32Array
    return part.map((_, b) => {
      const range = [b * cells, (b + 1) * cells] as const
      return {
        logProbabilities: logProbabilities.slice(...range),
        ranks: ranks.slice(...range),
        entropies: entropies.slice(...range),
      }
    })
  })
}

function copyPinned({ logProbabilities, ranks, entropies }: Scores, grid: DrawnGrid): void {
  for (const [at, isPinned] of grid.pinned!.entries()) {
    if (!isPinned) continue
    grid.logProbabilities[at] = logProbabilities[at]!
    grid.ranks[at] = ranks[at]!
    grid.entropies[at] = entropies[at]!
  }
}

/** The grid with its pinned tokens marked, if it has any. */
export function markPinned(grid: DrawnGrid, pinned: ArrayLike<number> | undefined): DrawnGrid {
  const marks = Uint8Array.from(pinned ?? [], (token) => (token >= 0 ? 1 : 0))
  return marks.includes(1) ? { ...grid, pinned: marks } : grid
}
