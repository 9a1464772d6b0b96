// The transformer's graphs: one pass over whole sequences, one decoding step, and a chunk of steps in a Loop.
// B, T, P, S, C, H, D as in transformer.ts; V = dictionary; N = steps of a chunk.
import { addDims, GraphBuilder, type Arithmetic, type Graph, type Value } from '../graph/index.ts'
import { attention, cachedAttention, cacheInputs, cacheNames } from './attention.ts'
import { denseLinear, type Attend, type Linear } from './blocks.ts'
import { drawOnDevice } from './device-sampling.ts'
import { draw, samplingInputs, type Draw, type SamplingInputs } from './sampling.ts'
import type { ModelTensors } from './tensors.ts'
import {
  causalMask,
  checkTransformerTensors,
  embed,
  embedAt,
  positionTable,
  transformerLayers,
} from './transformer.ts'
import { SPECIALS, type TransformerConfig } from './transformer-config.ts'

export interface TransformerModel {
  readonly tensors: ModelTensors
  readonly config: TransformerConfig
  /** How weights are multiplied. @default float32 products with the checkpoint's weights */
  readonly linear?: Linear
  /** @default 'f32' */
  readonly arithmetic?: Arithmetic
}

/**
 * Whole sequences at once: `ids` i64 [B, T] -> `logits` f32 [B, T, V]. Causal unless the model is NAR.
 */
export function sequenceGraph({
  tensors,
  config,
  linear = denseLinear(tensors),
  arithmetic,
}: TransformerModel): Graph {
  checkTransformerTensors(tensors, config)
  const g = new GraphBuilder(`${config.kind}_sequence`, arithmetic)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const zero = g.scalar(0, 'i64')
  const mask = config.kind === 'stage2-nar' ? undefined : causalMask(g, ids, zero, 'T')
  const attend: Attend = (g, q, k, v) => attention(g, q, k, v, mask)
  const x = transformerLayers(g, tensors, config, embed(g, tensors, config, ids, zero), ids, attend, linear)
  const V = config.vocabulary + SPECIALS
  const shape = g.concat([g.shapeOf(ids, 0, 2), g.constant('i64', [V])], 0)
  g.output(
    'logits',
    g.reshape(linear(g, x, 'decoder.output_projection.weight', undefined), ['B', 'T', V], shape),
  )
  return g.build()
}

/** Logits [B, V] of the last of T positions, from x [B*T, C]. */
function lastLogits(
  g: GraphBuilder,
  { config }: TransformerModel,
  linear: Linear,
  x: Value,
  ids: Value,
): Value {
  const shape = g.concat([g.shapeOf(ids, 0, 2), g.constant('i64', [config.dim])], 0)
  const sequence = g.reshape(x, ['B', 'T', config.dim], shape)
  const last = g.reshape(g.slice(sequence, 1, -1, Infinity, 1), ['B', config.dim])
  return linear(g, last, 'decoder.output_projection.weight', undefined)
}

/**
 * One step: `ids` i64 [B, T] at positions `start`.. with the cache `past_k_i`, `past_v_i` [B, H, P, D] -> the longer
 * cache `present_*` [B, H, P+T, D] and the `logits` f32 [B, V] of the last position, for a caller that samples. With
 * `givenMask`, `mask` f32 [T, P+T] says what each of the T positions reads, and the cache is left out.
 */
export function stepGraph(model: TransformerModel, { givenMask = false } = {}): Graph {
  const { tensors, config, linear = denseLinear(tensors), arithmetic } = model
  checkTransformerTensors(tensors, config)
  const g = new GraphBuilder(`${config.kind}_step`, arithmetic)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const start = g.input('start', 'i64', [])
  const past = cacheInputs(g, config, 'past', 'P')
  const present: Value[] = []
  const mask = givenMask ? g.input('mask', 'f32', ['T', 'P+T']) : causalMask(g, ids, start, 'P+T')
  const attend: Attend = (g, q, k, v, layer) => {
    const keys = g.concat([past[2 * layer]!, k], 2)
    const values = g.concat([past[2 * layer + 1]!, v], 2)
    present.push(keys, values)
    return attention(g, q, keys, values, mask)
  }
  const x = transformerLayers(g, tensors, config, embed(g, tensors, config, ids, start), ids, attend, linear)
  const logits = lastLogits(g, model, linear, x, ids)
  g.output('logits', logits)
  if (!givenMask)
    cacheNames('present', config.layers).forEach((name, i) => g.output(name, present[i]!, g.real))
  return g.build()
}

/** Names of the record of a draw, in the order of its parts. */
const DRAW_OUTPUTS = ['tokens', 'log_probabilities', 'ranks', 'entropies'] as const

function outputDraw(g: GraphBuilder, { token, logProbability, rank, entropy }: Draw): void {
  ;[token, logProbability, rank, entropy].forEach((value, i) => g.output(DRAW_OUTPUTS[i]!, value))
}

/**
 * A chunk of N steps in an ONNX Loop, sampling inside. Inputs: `ids` i64 [B, T] (the first pass may be a whole prefix,
 * later passes get the last token), `start` i64 [], `uniforms` f32 [N, B], `pinned` i64 [N, B] with pinned tokens and
 * -1 elsewhere, the sampling inputs and the cache in two runs of positions, `past_*` [B, H, P, D] and `fresh_*` [B, H,
 * M, D]. Outputs: `tokens`, `log_probabilities`, `ranks`, `entropies` [N, B] (of the draw, even if the token is pinned)
 * and the longer `fresh_*_out`.
 *
 * The past is read in place from outside the loop and only the fresh positions are carried, so that a step does not
 * copy the whole cache. The boundary between them affects the order of a sum, so the caller joins them at fixed
 * positions (`joinGraph`), and the tokens do not depend on the chunk size.
 */
export function chunkGraph(model: TransformerModel): Graph {
  const { tensors, config, linear = denseLinear(tensors), arithmetic } = model
  checkTransformerTensors(tensors, config)
  const g = new GraphBuilder(`${config.kind}_chunk`, arithmetic)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const start = g.input('start', 'i64', [])
  const uniforms = g.input('uniforms', 'f32', ['N', 'B'])
  const pinned = g.input('pinned', 'i64', ['N', 'B'])
  const sampling = samplingInputs(g)
  const past = cacheInputs(g, config, 'past', 'P')
  const fresh = cacheInputs(g, config, 'fresh', 'M')
  const pastLength = g.shapeOf(past[0]!, 2, 3)
  const freshLength = g.reshape(g.shapeOf(fresh[0]!, 2, 3), [])
  const trips = g.reshape(g.shapeOf(uniforms, 0, 1), [])

  const results = g.loop(
    trips,
    [ids, start, freshLength, ...fresh],
    [['B', 'T'], [], [], ...fresh.map(({ shape }) => shape)],
    (g, iteration, [ids, start, seen, ...fresh]) => {
      const next: Value[] = []
      const mask = causalMask(g, ids!, seen!, addDims('M', 'T'))
      const attend: Attend = (g, q, k, v, layer) => {
        const keys = g.concat([fresh[2 * layer]!, k], 2)
        const values = g.concat([fresh[2 * layer + 1]!, v], 2)
        next.push(keys, values)
        return cachedAttention(g, q, past[2 * layer]!, past[2 * layer + 1]!, keys, values, mask, pastLength)
      }
      const x = transformerLayers(
        g,
        tensors,
        config,
        embed(g, tensors, config, ids!, start!),
        ids!,
        attend,
        linear,
      )
      const logits = lastLogits(g, model, linear, x, ids!)
      const { nextIds, collect } = drawRow(g, logits, iteration, {
        uniforms,
        pinned,
        sampling,
        sortsCandidates: true,
      })
      const length = g.reshape(g.shapeOf(ids!, 1, 2), [])
      return {
        state: [nextIds, g.op('Add', [start!, length]), g.op('Add', [seen!, length]), ...next],
        collect,
      }
    },
  )
  const collected = results.slice(3 + fresh.length)
  DRAW_OUTPUTS.forEach((name, i) => g.output(name, collected[i]!))
  cacheNames('fresh', config.layers).forEach((name, i) => g.output(`${name}_out`, results[3 + i]!, g.real))
  return g.build()
}

/** What the steps of a chunk read: `uniforms` f32 [N, B] and `pinned` i64 [N, B], a row a step. */
interface Draws {
  readonly uniforms: Value
  readonly pinned: Value
  readonly sampling: SamplingInputs
  readonly sortsCandidates?: boolean
}

/** The draw of one step, with pinned tokens in its place; and the ids [B, 1] that the next step reads. */
function drawRow(g: GraphBuilder, logits: Value, step: Value, draws: Draws) {
  const { uniforms, pinned, sampling, sortsCandidates } = draws
  const now = (rows: Value) => g.op('Gather', [rows, step], { axis: 0 }) // [B]
  const drawn = draw(g, logits, now(uniforms), sampling, { sortsCandidates })
  const kept = now(pinned)
  const isDrawn = g.op('Less', [kept, g.scalar(0, 'i64')])
  const token = g.op('Where', [isDrawn, drawn.token, kept])
  return {
    nextIds: g.reshape(g.op('Add', [token, g.scalar(SPECIALS, 'i64')]), ['B', 1]),
    collect: [token, drawn.logProbability, drawn.rank, drawn.entropy],
  }
}

/**
 * A chunk of N steps, at least 2, for devices whose inputs and outputs cross a bus: no cache goes in or comes out. `ids`
 * i64 [B, T] is the whole sequence so far, read in one pass that gives the first draw and the past; the other steps are a
 * Loop that carries only its own positions. Other inputs and the outputs are those of `chunkGraph`, without the cache.
 */
export function rereadGraph(model: TransformerModel): Graph {
  const { tensors, config, linear = denseLinear(tensors), arithmetic } = model
  checkTransformerTensors(tensors, config)
  const g = new GraphBuilder(`${config.kind}_reread`, arithmetic)
  const ids = g.input('ids', 'i64', ['B', 'T'])
  const draws: Draws = {
    uniforms: g.input('uniforms', 'f32', ['N', 'B']),
    pinned: g.input('pinned', 'i64', ['N', 'B']),
    sampling: samplingInputs(g),
  }
  const [zero, one] = [g.scalar(0, 'i64'), g.scalar(1, 'i64')]
  const logitsOf = (g: GraphBuilder, ids: Value, start: Value, attend: Attend) => {
    const x = embed(g, tensors, config, ids, start)
    return lastLogits(g, model, linear, transformerLayers(g, tensors, config, x, ids, attend, linear), ids)
  }

  const past: Value[] = []
  const mask = causalMask(g, ids, zero, 'T')
  const logits = logitsOf(g, ids, zero, (g, q, k, v) => {
    past.push(k, v)
    return attention(g, q, k, v, mask)
  })
  const first = drawRow(g, logits, zero, draws)
  const length = g.shapeOf(ids, 1, 2)
  const fresh = past.map((value) => g.slice(value, 2, 0, 0, 0))
  const steps = g.op('Sub', [g.reshape(g.shapeOf(draws.uniforms, 0, 1), []), one])

  const results = g.loop(
    steps,
    [first.nextIds, ...fresh],
    [['B', 1], ...past.map(({ shape: [B, H, , D] }) => [B!, H!, 'M', D!])],
    (g, iteration, [ids, ...fresh]) => {
      const next: Value[] = []
      const start = g.op('Add', [g.reshape(length, []), iteration])
      const logits = logitsOf(g, ids!, start, (g, q, k, v, layer) => {
        const keys = g.concat([fresh[2 * layer]!, k], 2)
        const values = g.concat([fresh[2 * layer + 1]!, v], 2)
        next.push(keys, values)
        return cachedAttention(g, q, past[2 * layer]!, past[2 * layer + 1]!, keys, values, undefined, length)
      })
      const { nextIds, collect } = drawRow(g, logits, g.op('Add', [iteration, one]), draws)
      return { state: [nextIds, ...next], collect }
    },
  )
  DRAW_OUTPUTS.forEach((name, i) => {
    const drawn = g.reshape(first.collect[i]!, [1, 'B'])
    g.output(name, g.concat([drawn, results[1 + past.length + i]!], 0))
  })
  return g.build()
}

/**
 * One step of masked (NAR) decoding: `ids` i64 [B, 513] = prefix, `</s>`, 256 codes with UNK for masked ones, and
 * `uniforms` f32 [B*256] -> a draw at every code position: `tokens`, `log_probabilities`, `ranks`, `entropies` [B*256].
 * Every position sees every other. `onDevice` draws with the operators that a GPU has (WebGPU).
 */
export function maskedStepGraph(model: TransformerModel, { onDevice = false } = {}): Graph {
  const { tensors, config, linear = denseLinear(tensors), arithmetic } = model
  checkTransformerTensors(tensors, config)
  const { cells } = config.grid
  const T = 2 * cells + 1
  const g = new GraphBuilder(`${config.kind}_step`, arithmetic)
  const ids = g.input('ids', 'i64', ['B', T])
  const attend: Attend = (g, q, k, v) => attention(g, q, k, v, undefined)
  const embedded = embedAt(g, tensors, config, ids, positionTable(g, tensors, config))
  const x = transformerLayers(g, tensors, config, embedded, ids, attend, linear)
  const codes = g.slice(g.reshape(x, ['B', T, config.dim]), 1, cells + 1, T) // [B, 256, C]
  const rows = g.reshape(codes, [`B*${cells}`, config.dim])
  const logits = linear(g, rows, 'decoder.output_projection.weight', undefined)
  const uniforms = g.input('uniforms', 'f32', [`B*${cells}`])
  const drawn = (onDevice ? drawOnDevice : draw)(g, logits, uniforms, samplingInputs(g), {
    specialsInSoftmax: false,
  })
  if (onDevice) {
    const flat = (x: Value) => g.reshape(x, [`B*${cells}`])
    const [token, rank] = [drawn.token, drawn.rank].map((x) => g.cast(flat(x), 'i64'))
    const { logProbability, entropy } = drawn
    outputDraw(g, {
      token: token!,
      rank: rank!,
      logProbability: flat(logProbability),
      entropy: flat(entropy),
    })
  } else outputDraw(g, drawn)
  return g.build()
}
