// Prefixes -> token grids, one token after another, in chunks of an ONNX Loop; and the parts shared by all such
// decoders. B = batch, N = steps of a chunk, T = length of the first pass.
import { ModelError } from '../../shared/errors.ts'
import { graphToOnnx } from '../graph/index.ts'
import { cacheNames, joinGraph } from '../models/attention.ts'
import { chunkGraph, type TransformerModel } from '../models/transformer-graphs.ts'
import { SPECIALS } from '../models/transformer-config.ts'
import { openSession, tensor, type Provider, type SessionOptions, type Tensor } from '../session/index.ts'
import { emptyGrid, type DrawnGrid } from '../tokens/grid.ts'
import { uniform, type StreamUse } from '../tokens/random.ts'
import type { Sampling } from '../../shared/run/run.ts'

/** One image to sample: the ids its sequence starts with, and its own stream of random numbers. */
export interface Sequence {
  /** Model ids (specials counted), [T]; the same length for every sequence of a batch. */
  readonly prefix: readonly number[]
  readonly seed: number
  readonly image: number
  readonly use: StreamUse
  /**
   * Tokens to use instead of sampling, one per token of the grid, -1 where it is sampled. Leading ones are
   * fed with the prefix, so all sequences of a batch must have the same number of them.
   */
  readonly pinned?: ArrayLike<number> | undefined
}

export interface DecodeOptions {
  readonly sampling: Sampling
  /** Tokens of a grid. @default all cells of the model's grid */
  readonly length?: number
  readonly signal?: AbortSignal
  /** Awaited between chunks with the number of tokens of every grid so far; first with the pinned ones. */
  readonly onTokens?: (done: number, grids: readonly DrawnGrid[]) => void | Promise<void>
}

export interface Decoder {
  readonly provider: Provider
  /**
   * Grids in the order of the sequences, at least one. Pinned tokens are not scored. Rejects with the signal's reason
   * when it is aborted between chunks.
   */
  decode(sequences: readonly Sequence[], options: DecodeOptions): Promise<DrawnGrid[]>
  close(): Promise<void>
}

/** Steps of one Loop run: one row of the grid, so that progress and cancel come row by row. */
export const CHUNK_STEPS = 16
/**
 * Positions after which fresh keys and values join the past. A step copies the fresh part and a join copies everything,
 * so this is a compromise. It is fixed, because it affects the order of a sum.
 */
const JOIN_POSITIONS = 32

/** fairseq's rule as graph inputs: top-p, if above 0, replaces top-k. */
export function samplingFeeds({ temperature, topK, topP }: Sampling, vocabulary: number): Tensors {
  const kept = topP > 0 || topK === 0 ? vocabulary : Math.min(topK, vocabulary)
  return {
    temperature: tensor('f32', [temperature], []),
    top_k: tensor('i64', [kept], [1]),
    top_p: tensor('f32', [topP > 0 ? topP : 2], []),
  }
}

export type Tensors = Record<string, Tensor>

/** A cache without positions, named `prefix_k_0`, ... */
export function emptyCache({ config, arithmetic }: TransformerModel, B: number, prefix: string): Tensors {
  const dims = [B, config.heads, 0, config.dim / config.heads]
  const names = cacheNames(prefix, config.layers)
  const empty = () =>
    arithmetic === 'f16' ? tensor('f16', new Uint16Array(0), dims) : tensor('f32', new Float32Array(0), dims)
  return Object.fromEntries(names.map((name) => [name, empty()]))
}

/** The cache tensors among `outputs`, named for the next run. */
export function renameCache(
  outputs: Tensors,
  layers: number,
  from: string,
  suffix: string,
  to: string,
): Tensors {
  const names = cacheNames(from, layers)
  return Object.fromEntries(
    cacheNames(to, layers).map((name, i) => [name, outputs[`${names[i]!}${suffix}`]!]),
  )
}

/**
 * Copies draws [steps, B] to the grids from token `from` on, except for pinned tokens and for what is past their end.
 * Throws ModelError if logits were not finite.
 */
export function record(
  model: TransformerModel,
  grids: readonly DrawnGrid[],
  sequences: readonly Sequence[],
  from: number,
  outputs: Tensors,
): void {
  const tokens = outputs.tokens!.data as BigInt64Array
  const ranks = outputs.ranks!.data as BigInt64Array
  const logProbabilities = outputs.log_probabilities!.data as Float32Array
  const entropies = outputs.entropies!.data as Float32Array
  recordDraws(model, grids, sequences, from, tokens.length / grids.length, (i) => ({
    token: Number(tokens[i]),
    logProbability: logProbabilities[i]!,
    rank: Number(ranks[i]),
    entropy: entropies[i]!,
  }))
}

/** The same for the draw of each row of [steps, B]. */
export function recordDraws(
  model: TransformerModel,
  grids: readonly DrawnGrid[],
  sequences: readonly Sequence[],
  from: number,
  steps: number,
  drawn: (row: number) => { token: number; logProbability: number; rank: number; entropy: number },
): void {
  const B = grids.length
  for (let i = 0; i < steps * B; i++) {
    const grid = grids[i % B]!
    const at = from + Math.floor(i / B)
    if (at >= grid.tokens.length) return
    const { token, logProbability, rank, entropy } = drawn(i)
    checkEntropy(model, entropy, sequences[i % B]!.image, at)
    if (pinnedAt(sequences[i % B]!, at) >= 0) continue
    grid.tokens[at] = token
    grid.ranks[at] = rank
    grid.logProbabilities[at] = logProbability
    grid.entropies[at] = entropy
  }
}

/**
 * Throws ModelError unless all logits of a draw were finite: its entropy is a sum over all of them, and NaN otherwise.
 * A draw from such logits would still return a token.
 */
export function checkEntropy(
  { tensors, config }: TransformerModel,
  entropy: number,
  image: number,
  at: number,
): void {
  if (!Number.isFinite(entropy))
    throw new ModelError(
      `${tensors.file}: ${config.kind}, image ${image}, token ${at}: the logits are not finite (the weights may contain NaN or infinity)`,
    )
}

/** The pinned token at a position, -1 where it is sampled. */
export const pinnedAt = ({ pinned }: Pick<Sequence, 'pinned'>, at: number): number => pinned?.[at] ?? -1

/** Number of leading pinned tokens of a grid. */
export function pinnedInFront(sequence: Pick<Sequence, 'pinned'>, length: number): number {
  let count = 0
  while (count < length && pinnedAt(sequence, count) >= 0) count++
  return count
}

/** The ids of sequences up to `done` tokens of their grids: i64 [B, T]. */
export function idsSoFar(sequences: readonly Sequence[], grids: readonly DrawnGrid[], done: number): Tensor {
  const ids = sequences.flatMap(({ prefix }, b) => [
    ...prefix,
    ...Array.from(grids[b]!.tokens.subarray(0, done), (token) => token + SPECIALS),
  ])
  return tensor('i64', ids, [sequences.length, ids.length / sequences.length])
}

/** Grids with their pinned tokens in place, the number of leading ones, and the ids of the first pass, i64 [B, T]. */
export function begin(
  sequences: readonly Sequence[],
  length: number,
): { grids: DrawnGrid[]; done: number; ids: Tensor } {
  const done = pinnedInFront(sequences[0]!, length)
  const grids = sequences.map((sequence) => {
    if (pinnedInFront(sequence, length) !== done)
      throw new RangeError('all sequences of a batch need the same number of fixed leading tokens')
    const grid = emptyGrid(length)
    grid.tokens.forEach((_, at) => (grid.tokens[at] = Math.max(0, pinnedAt(sequence, at))))
    return grid
  })
  return { grids, done, ids: idsSoFar(sequences, grids, done) }
}

export const uniforms = (sequences: readonly Sequence[], from: number, steps: number): Float32Array =>
  Float32Array.from({ length: steps * sequences.length }, (_, i) => {
    const { seed, image, use } = sequences[i % sequences.length]!
    return uniform(seed, image, use, from + Math.floor(i / sequences.length))
  })

/** Pinned tokens [steps, B] from token `from` on, -1 where one is sampled. */
export const pinnedRows = (sequences: readonly Sequence[], from: number, steps: number): number[] =>
  Array.from({ length: steps * sequences.length }, (_, i) =>
    pinnedAt(sequences[i % sequences.length]!, from + Math.floor(i / sequences.length)),
  )

/** Decodes in chunks of an ONNX Loop with sampling inside, on the processor. */
export async function openChunkDecoder(
  model: TransformerModel,
  options: SessionOptions,
  chunkSteps: number = CHUNK_STEPS,
): Promise<Decoder> {
  const { layers, vocabulary } = model.config
  const growing = { ...options, grows: true }
  const session = await openSession(graphToOnnx(chunkGraph(model)), growing)
  const joiner = await openSession(graphToOnnx(joinGraph(model.config, model.arithmetic)), growing)

  const decode: Decoder['decode'] = async (
    sequences,
    { sampling, length = model.config.grid.cells, signal, onTokens },
  ) => {
    const B = sequences.length
    const { grids, ...first } = begin(sequences, length)
    if (first.done > 0) await onTokens?.(first.done, grids)
    const feeds = samplingFeeds(sampling, vocabulary)
    let past = emptyCache(model, B, 'past')
    let fresh = emptyCache(model, B, 'fresh')
    let ids = first.ids
    let start = 0
    let unjoined = 0
    for (let done = first.done; done < length;) {
      signal?.throwIfAborted()
      // The prefix is run separately and joins the past at once, so that no step carries it through the loop.
      const steps = start === 0 ? 1 : Math.min(chunkSteps, length - done, JOIN_POSITIONS - unjoined)
      const outputs = await session.run({
        ids,
        start: tensor('i64', [start], []),
        uniforms: tensor('f32', uniforms(sequences, done, steps), [steps, B]),
        pinned: tensor('i64', pinnedRows(sequences, done, steps), [steps, B]),
        ...feeds,
        ...past,
        ...fresh,
      })
      record(model, grids, sequences, done, outputs)
      fresh = renameCache(outputs, layers, 'fresh', '_out', 'fresh')
      unjoined += steps
      if (start === 0 || unjoined === JOIN_POSITIONS) {
        past = renameCache(await joiner.run({ ...past, ...fresh }), layers, 'joined', '', 'past')
        fresh = emptyCache(model, B, 'fresh')
        unjoined = 0
      }
      start += ids.dims[1]! + steps - 1
      done += steps
      ids = lastTokens(grids, done)
      await onTokens?.(done, grids)
    }
    return grids
  }
  return {
    provider: session.provider,
    decode: model.linear?.evenRows ? inEvenBatches(decode) : decode,
    async close() {
      await session.close()
      await joiner.close()
    },
  }
}

/** Decodes the last of an odd number of sequences twice and drops the copy. */
export const inEvenBatches =
  (decode: Decoder['decode']): Decoder['decode'] =>
  async (sequences, options) => {
    const count = sequences.length
    if (count % 2 === 0) return decode(sequences, options)
    const { onTokens } = options
    const grids = await decode([...sequences, sequences[count - 1]!], {
      ...options,
      ...(onTokens && { onTokens: (done, grids) => onTokens(done, grids.slice(0, count)) }),
    })
    return grids.slice(0, count)
  }

/** The last tokens, as ids i64 [B, 1]. */
export const lastTokens = (grids: readonly DrawnGrid[], done: number): Tensor =>
  tensor(
    'i64',
    grids.map((grid) => grid.tokens[done - 1]! + SPECIALS),
    [grids.length, 1],
  )
