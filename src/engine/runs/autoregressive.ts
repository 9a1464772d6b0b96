// Prefixes -> token grids, one token after another: in chunks of an ONNX Loop, or step by step.
// B = batch, N = steps of a chunk, T = length of the prefix.
import { graphToOnnx } from '../graph/index.ts'
import {
  cacheNames,
  chunkGraph,
  joinGraph,
  stepGraph,
  type TransformerModel,
} from '../models/transformer-graphs.ts'
import { GRID_TOKENS, SPECIALS } from '../models/transformer-config.ts'
import {
  openSession,
  tensor,
  type Provider,
  type Session,
  type SessionOptions,
  type Tensor,
} from '../session/index.ts'
import { emptyGrid, type DrawnGrid } from '../tokens/grid.ts'
import { uniform, type StreamUse } from '../tokens/random.ts'
import { keptToToken, logitsToKept } from '../../shared/sampler.ts'
import type { Sampling } from '../../shared/run.ts'

/** One image to be: the ids its sequence starts with, and its own stream of random numbers. */
export interface Sequence {
  /** Model ids (specials counted), [T]; the same length for every sequence of a batch. */
  readonly prefix: readonly number[]
  readonly seed: number
  readonly image: number
  readonly use: StreamUse
}

export interface DecodeOptions {
  readonly sampling: Sampling
  /** Tokens to draw. @default 256 */
  readonly length?: number
  readonly signal?: AbortSignal
  /** Called between chunks with the number of tokens every grid has so far. */
  readonly onTokens?: (done: number, grids: readonly DrawnGrid[]) => void
}

export interface Decoder {
  readonly provider: Provider
  /** Grids in the order of the sequences, at least one. Rejects with the signal's reason when it is aborted between chunks. */
  decode(sequences: readonly Sequence[], options: DecodeOptions): Promise<DrawnGrid[]>
  close(): Promise<void>
}

/** Steps of one Loop run: one row of the grid, so that progress and cancel come row by row. */
export const CHUNK_STEPS = 16
/**
 * Positions after which fresh keys and values join the past. A step copies the fresh part and a join copies
 * everything, so neither may be frequent; a fixed number, because it decides the order of a sum.
 */
const JOIN_POSITIONS = 32

/** fairseq's rule as graph inputs: top-p, when above 0, takes the place of top-k. */
export function samplingFeeds({ temperature, topK, topP }: Sampling, vocabulary: number): Tensors {
  const kept = topP > 0 || topK === 0 ? vocabulary : Math.min(topK, vocabulary)
  return {
    temperature: tensor('f32', [temperature], []),
    top_k: tensor('i64', [kept], [1]),
    top_p: tensor('f32', [topP > 0 ? topP : 2], []),
  }
}

type Tensors = Record<string, Tensor>

/** A cache without positions, named `prefix_k_0`, ... */
function emptyCache({ config }: TransformerModel, B: number, prefix: string): Tensors {
  const dims = [B, config.heads, 0, config.dim / config.heads]
  const names = cacheNames(prefix, config.layers)
  return Object.fromEntries(names.map((name) => [name, tensor('f32', new Float32Array(0), dims)]))
}

/** The cache tensors among `outputs`, named for the next run. */
function renameCache(outputs: Tensors, layers: number, from: string, suffix: string, to: string): Tensors {
  const names = cacheNames(from, layers)
  return Object.fromEntries(
    cacheNames(to, layers).map((name, i) => [name, outputs[`${names[i]!}${suffix}`]!]),
  )
}

/** Copies draws [steps, B] into the grids from token `from` on. */
function record(grids: readonly DrawnGrid[], from: number, outputs: Tensors): void {
  const B = grids.length
  const tokens = outputs.tokens!.data as BigInt64Array
  const ranks = outputs.ranks!.data as BigInt64Array
  const logProbabilities = outputs.log_probabilities!.data as Float32Array
  const entropies = outputs.entropies!.data as Float32Array
  for (let i = 0; i < tokens.length; i++) {
    const grid = grids[i % B]!
    const at = from + Math.floor(i / B)
    grid.tokens[at] = Number(tokens[i])
    grid.ranks[at] = Number(ranks[i])
    grid.logProbabilities[at] = logProbabilities[i]!
    grid.entropies[at] = entropies[i]!
  }
}

const uniforms = (sequences: readonly Sequence[], from: number, steps: number): Float32Array =>
  Float32Array.from({ length: steps * sequences.length }, (_, i) => {
    const { seed, image, use } = sequences[i % sequences.length]!
    return uniform(seed, image, use, from + Math.floor(i / sequences.length))
  })

/** Decodes in chunks of an ONNX Loop with sampling inside (CPU, CUDA). */
export async function openChunkDecoder(
  model: TransformerModel,
  options: SessionOptions,
  chunkSteps: number = CHUNK_STEPS,
): Promise<Decoder> {
  const { layers, vocabulary } = model.config
  const session = await openSession(graphToOnnx(chunkGraph(model)), options)
  const joiner = await openSession(graphToOnnx(joinGraph(model.config)), options)

  const decode: Decoder['decode'] = async (
    sequences,
    { sampling, length = GRID_TOKENS, signal, onTokens },
  ) => {
    const B = sequences.length
    const T = sequences[0]!.prefix.length
    const grids = sequences.map(() => emptyGrid(length))
    const feeds = samplingFeeds(sampling, vocabulary)
    let past = emptyCache(model, B, 'past')
    let fresh = emptyCache(model, B, 'fresh')
    let ids = tensor(
      'i64',
      sequences.flatMap(({ prefix }) => prefix),
      [B, T],
    )
    let start = 0
    let unjoined = 0
    for (let done = 0; done < length;) {
      signal?.throwIfAborted()
      // The prefix goes in alone and joins the past at once, so that no step carries it through the loop.
      const steps = start === 0 ? 1 : Math.min(chunkSteps, length - done, JOIN_POSITIONS - unjoined)
      const outputs = await session.run({
        ids,
        start: tensor('i64', [start], []),
        uniforms: tensor('f32', uniforms(sequences, done, steps), [steps, B]),
        ...feeds,
        ...past,
        ...fresh,
      })
      record(grids, done, outputs)
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
      onTokens?.(done, grids)
    }
    return grids
  }
  return {
    provider: session.provider,
    decode,
    async close() {
      await session.close()
      await joiner.close()
    },
  }
}

/** Decodes one step a run with sampling inside; on WebGPU the cache stays on the device. */
export async function openStepDecoder(model: TransformerModel, options: SessionOptions): Promise<Decoder> {
  const onDevice =
    options.provider === 'webgpu' ? { keepOnDevice: cacheNames('present', model.config.layers) } : {}
  const session = await openSession(graphToOnnx(stepGraph(model, { sampled: true })), {
    ...options,
    ...onDevice,
  })
  return {
    provider: session.provider,
    decode: (sequences, options) =>
      stepByStep(model, session, sequences, options, (feeds, from) => ({
        ...feeds,
        uniforms: tensor('f32', uniforms(sequences, from, 1), [sequences.length]),
        ...samplingFeeds(options.sampling, model.config.vocabulary),
      })),
    close: () => session.close(),
  }
}

/** The reference: the graph gives logits, and the token is drawn here in float64. */
export async function openReferenceDecoder(
  model: TransformerModel,
  options: SessionOptions,
): Promise<Decoder> {
  const session = await openSession(graphToOnnx(stepGraph(model)), options)
  return {
    provider: session.provider,
    decode: (sequences, options) => stepByStep(model, session, sequences, options, (feeds) => feeds),
    close: () => session.close(),
  }
}

async function stepByStep(
  model: TransformerModel,
  session: Session,
  sequences: readonly Sequence[],
  { sampling, length = GRID_TOKENS, signal, onTokens }: DecodeOptions,
  addFeeds: (feeds: Tensors, from: number) => Tensors,
): Promise<DrawnGrid[]> {
  const B = sequences.length
  const grids = sequences.map(() => emptyGrid(length))
  let cache = emptyCache(model, B, 'past')
  let ids = tensor(
    'i64',
    sequences.flatMap(({ prefix }) => prefix),
    [B, sequences[0]!.prefix.length],
  )
  let start = 0
  for (let done = 0; done < length; done++) {
    signal?.throwIfAborted()
    const outputs = await session.run(addFeeds({ ids, start: tensor('i64', [start], []), ...cache }, done))
    if (outputs.logits) drawHere(outputs.logits, grids, done, sequences, sampling)
    else record(grids, done, outputs)
    const spent = cache
    cache = renameCache(outputs, model.config.layers, 'present', '', 'past')
    for (const value of Object.values(spent)) value.dispose()
    start += ids.dims[1]!
    ids = lastTokens(grids, done + 1)
    onTokens?.(done + 1, grids)
  }
  for (const value of Object.values(cache)) value.dispose()
  return grids
}

function drawHere(
  logits: Tensor,
  grids: readonly DrawnGrid[],
  at: number,
  sequences: readonly Sequence[],
  sampling: Sampling,
): void {
  const [B, V] = logits.dims as [number, number]
  const values = logits.data as Float32Array
  for (let b = 0; b < B; b++) {
    const { seed, image, use } = sequences[b]!
    const drawn = keptToToken(
      logitsToKept(values.subarray(b * V, (b + 1) * V), sampling),
      uniform(seed, image, use, at),
    )
    grids[b]!.tokens[at] = drawn.token
    grids[b]!.ranks[at] = drawn.rank
    grids[b]!.logProbabilities[at] = drawn.logProbability
    grids[b]!.entropies[at] = drawn.entropy
  }
}

/** The tokens just drawn, as ids i64 [B, 1]. */
const lastTokens = (grids: readonly DrawnGrid[], done: number): Tensor =>
  tensor(
    'i64',
    grids.map((grid) => grid.tokens[done - 1]! + SPECIALS),
    [grids.length, 1],
  )
