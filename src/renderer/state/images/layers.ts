// The grids of an image -> overlays and numbers shown next to its pixels.
import type { GridDetails } from '../../../shared/contract/api.ts'
import { tokenPixels, type Colouring } from '../../../shared/colour/token-palette.ts'
import { fixed } from '../app/words.ts'
import { heatPixels, heatScale, type HeatScale } from '../../colour/heat.ts'

export const LAYERS = ['cluster', 'log-probability', 'rank', 'entropy', 'step'] as const
export type Layer = (typeof LAYERS)[number]

/** Display name. */
export const LAYER_NAMES: Readonly<Record<Layer, string>> = {
  cluster: 'Token',
  'log-probability': 'Log-probability',
  rank: 'Rank',
  entropy: 'Entropy',
  step: 'Step',
}

export interface DrawnLayer {
  readonly pixels: Uint8ClampedArray<ArrayBuffer>
  /** Numbers of a heat layer. */
  readonly scale?: HeatScale
}

/** Ranks and steps are recorded from 0; people count from 1. */
export const fromOne = (values: ArrayLike<number>): Float32Array =>
  Float32Array.from(values, (value) => value + 1)

/** The numbers of a heat layer as they are shown, if the grid has them. */
export function layerValues(grid: GridDetails, layer: Layer): ArrayLike<number> | undefined {
  if (layer === 'log-probability') return grid.logProbabilities
  if (layer === 'rank') return grid.ranks && fromOne(grid.ranks)
  if (layer === 'entropy') return grid.entropies
  return layer === 'step' ? grid.steps && fromOne(grid.steps) : undefined
}

/** A grid as pixels, one per token; clusters if the grid has no such numbers. */
export function drawLayer(grid: GridDetails, layer: Layer, colouring: Colouring): DrawnLayer {
  const values = layerValues(grid, layer)
  if (!values) return { pixels: tokenPixels(grid.tokens, colouring) }
  const scale = heatScale(values, layer === 'rank')
  return { pixels: heatPixels(values, scale), scale }
}

/** Dims every cell with another token. */
export function veilOthers(
  tokens: ArrayLike<number>,
  marked: ReadonlySet<number>,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(tokens.length * 4)
  for (let i = 0; i < tokens.length; i++) if (!marked.has(tokens[i]!)) pixels.set([12, 14, 20, 205], i * 4)
  return pixels
}

/** Count of a token in a grid. */
export function countOf(tokens: ArrayLike<number>, token: number): number {
  return Array.from(tokens).filter((other) => other === token).length
}

/**
 * A grid in one line: number of distinct tokens, total log-probability. Tokens of masked decoding have none: their terms
 * are of different steps, given different cells, and of the tokens that confidence let stay, so that their sum is not the
 * probability of the grid and cannot be compared with an autoregressive one.
 */
export function gridSummary({ tokens, logProbabilities, entropies, steps }: GridDetails): string {
  const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0)
  const parts = [`${new Set(tokens).size} different`]
  if (logProbabilities && !steps) parts.push(`log-probability ${fixed(sum(logProbabilities), 1)}`)
  if (entropies) parts.push(`mean entropy ${fixed(sum(entropies) / entropies.length, 2)}`)
  return parts.join(' · ')
}
