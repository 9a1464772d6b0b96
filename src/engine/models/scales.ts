// VAR's residual quantisation: a picture is a sum of maps, one a scale, each enlarged from a grid of codes. Source:
// FoundationVision/VAR models/quant.py, 78b9539.
// B = batch, E = width of a code, S = side of the sum, p = side of a scale, N = codes of all scales.
import { ModelError } from '../../shared/errors.ts'
import type { Graph, GraphBuilder, Value } from '../graph/index.ts'
import { nearest } from './nearest.ts'
import type { ModelTensors } from './tensors.ts'
import type { VqganConfig } from './vqgan-config.ts'
import { cellsOf, startsOf } from './scale-sides.ts'
import { codebook, contextOf, conv, type Context } from './vqgan-layers.ts'

/**
 * Which of the four convolutions smooths each scale. By the nearest of four ticks, two of which are equally near to
 * scales 2 and 7, where rounding decides (sic).
 */
const SMOOTHING = [0, 0, 1, 1, 1, 2, 2, 3, 3, 3] as const
/** Share of the convolution in its result; the rest is the map itself. */
const SHARE = 0.5

/** Codes i64 [B, N] -> their sum [B, E, S, S]. A scale of negative codes adds nothing: the first alone have a picture. */
export const scaleSum = (context: Context, codes: Value, sides: readonly number[]): Value =>
  context.g.inFloat32(() => sumsOf(context, codes, sides)).at(-1)!

/**
 * Input `codes` i64 [B, N]; output `maps` f32 [B, N - 1, E]: for each scale but the first, the sum of all before it at
 * its size, which is what a generator sees there.
 */
export function scaleMaps(tensors: ModelTensors, config: VqganConfig): Graph {
  const { scales } = config
  if (!scales) throw new ModelError(`${tensors.file}: this VQGAN has one scale`)
  const context = contextOf('scale_maps', tensors, config)
  const { g } = context
  const sums = sumsOf(context, g.input('codes', 'i64', ['B', cellsOf(scales)]), scales)
  const S = scales.at(-1)!
  g.output(
    'maps',
    g.concat(
      scales.slice(1).map((side, k) => reduced(g, sums[k]!, S, side)),
      1,
    ),
  )
  return g.build()
}

/**
 * The codes of an encoded picture [B, E, S, S], i64 [B, N], and their squared distances: each scale takes the nearest
 * codes of what the scales before it leave.
 */
export function scaleCodes(
  context: Context,
  z: Value,
  sides: readonly number[],
): { codes: Value; distance: Value } {
  const { g, config } = context
  const E = config.codeWidth
  const S = sides.at(-1)!
  const found: { codes: Value; distance: Value }[] = []
  let rest = z
  for (const [k, side] of sides.entries()) {
    const cells = side * side
    const { index, distance } = nearest(
      g,
      g.reshape(reduced(g, rest, S, side), [`B*${cells}`, E]),
      codebook(context),
    )
    const codes = g.reshape(index, ['B', cells])
    found.push({ codes, distance: g.reshape(distance, ['B', cells]) })
    if (k < sides.length - 1)
      rest = g.op('Sub', [rest, smoothed(context, vectors(context, codes), k, side, S)])
  }
  return {
    codes: g.concat(
      found.map(({ codes }) => codes),
      1,
    ),
    distance: g.concat(
      found.map(({ distance }) => distance),
      1,
    ),
  }
}

/** The sum [B, E, S, S] after each scale. */
function sumsOf(context: Context, codes: Value, sides: readonly number[]): Value[] {
  const { g } = context
  const starts = startsOf(sides)
  const S = sides.at(-1)!
  const sums: Value[] = []
  for (const [k, side] of sides.entries()) {
    const own = g.slice(codes, 1, starts[k]!, starts[k]! + side * side)
    const map = present(g, smoothed(context, vectors(context, own), k, side, S), own)
    sums.push(k === 0 ? map : g.op('Add', [sums[k - 1]!, map]))
  }
  return sums
}

/** Vectors [B, n, E] of codes i64 [B, n], any for a negative one. */
function vectors(context: Context, codes: Value): Value {
  const { g } = context
  return g.op('Gather', [codebook(context), g.op('Max', [codes, g.scalar(0, 'i64')])], { axis: 0 })
}

/** The map [B, E, S, S] of a scale, zero where its codes [B, n] are negative: the bias of the convolution goes, too. */
function present(g: GraphBuilder, map: Value, codes: Value): Value {
  const isThere = g.op('GreaterOrEqual', [g.slice(codes, 1, 0, 1), g.scalar(0, 'i64')]) // [B, 1]
  return g.op('Where', [g.unsqueeze(g.unsqueeze(isThere, 2), 3), map, g.scalar(0)])
}

/** Vectors [B, p², E] of a scale -> their map [B, E, S, S]: enlarged, then half of it through a 3x3 convolution. */
function smoothed(context: Context, rows: Value, scale: number, side: number, S: number): Value {
  const { g, config } = context
  const E = config.codeWidth
  const large =
    side === S ? rows : g.op('MatMul', [g.constant('f32', enlarging(side, S), [S * S, side * side]), rows])
  const map = g.reshape(g.transpose(large, [0, 2, 1]), ['B', E, S, S])
  const filtered = conv(context, map, `quantize.quant_resi.qresi_ls.${SMOOTHING[scale]!}`, E, 3)
  return g.op('Add', [g.op('Mul', [map, g.scalar(1 - SHARE)]), g.op('Mul', [filtered, g.scalar(SHARE)])])
}

/** A map [B, E, S, S] -> rows [B, p², E] of its means over the cells of a p x p grid. */
function reduced(g: GraphBuilder, map: Value, S: number, side: number): Value {
  const E = map.shape[1]!
  const rows = g.transpose(g.reshape(map, ['B', E, S * S]), [0, 2, 1]) // [B, S², E]
  if (side === S) return rows
  return g.op('MatMul', [g.constant('f32', reducing(S, side), [side * side, S * S]), rows])
}

/** Bicubic enlargement (a = -0.75, edges repeated) as a matrix [S², p²] over rasters. */
export function enlarging(p: number, S: number): Float32Array {
  const A = -0.75
  const near = (x: number) => (A + 2) * x ** 3 - (A + 3) * x ** 2 + 1
  const far = (x: number) => A * x ** 3 - 5 * A * x ** 2 + 8 * A * x - 4 * A
  return separable(S, p, (to) => {
    const weights = new Float64Array(p)
    const at = ((to + 0.5) * p) / S - 0.5
    const first = Math.floor(at)
    const t = at - first
    const taps = [far(t + 1), near(t), near(1 - t), far(2 - t)]
    taps.forEach((weight, i) => {
      const from = Math.min(p - 1, Math.max(0, first - 1 + i))
      weights[from] = weights[from]! + weight
    })
    return weights
  })
}

/** Means over the cells of a p x p grid, which overlap where p does not divide S, as a matrix [p², S²]. */
export const reducing = (S: number, p: number): Float32Array =>
  separable(p, S, (to) => {
    const [from, end] = [Math.floor((S * to) / p), Math.ceil((S * (to + 1)) / p)]
    return Float64Array.from({ length: S }, (_, at) => (at >= from && at < end ? 1 / (end - from) : 0))
  })

/** The same weights along rows and columns: [to², from²]. */
function separable(to: number, from: number, weightsOf: (to: number) => Float64Array): Float32Array {
  const rows = Array.from({ length: to }, (_, i) => weightsOf(i))
  const matrix = new Float32Array(to * to * from * from)
  let next = 0
  for (const down of rows)
    for (const across of rows) for (const a of down) for (const b of across) matrix[next++] = a * b
  return matrix
}
