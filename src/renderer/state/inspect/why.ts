// What the "Why this token" section shows of a cell: which attention is selected, where it falls on the grids, and its colors.
import { parseJson } from '../../../shared/plain-json.ts'
import type { GridName } from '../../../shared/grid/layout.ts'
import type { CellAttention, CellInput } from '../../../shared/run/attention.ts'
import { heatPixels, type HeatScale } from '../../colour/heat.ts'
import { divergingColour } from '../../colour/diverging.ts'
import { asking, type Asked } from '../app/asking.ts'
import { calls } from '../app/calls.ts'

/** A cell of a grid of an image. */
export interface AskedCell {
  readonly run: string
  readonly image: number
  readonly grid: GridName
  readonly cell: number
}
export const keyOf = ({ run, image, grid, cell }: AskedCell): string =>
  JSON.stringify([run, image, grid, cell])

/** The largest takes 1.5 MB. */
const KEPT = 16
const attentions = asking(KEPT, async (key) => {
  const [run, image, grid, cell] = parseJson(key) as [string, number, GridName, number]
  return Object.freeze(await calls().readAttention(run, image, grid, cell))
})

/** Requested if needed; undefined while loading. */
export const attentionOf = (cell: AskedCell): Asked<CellAttention> => attentions.of(keyOf(cell))
/** Drops failed entries: the models may be open now. */
export const retryAttention = (): void => attentions.retry()

/** `rollout`, the mean of all layers, or one layer from 1. */
export type Depth = 'rollout' | 'mean' | number
/** The mean of all heads, or one head from 1. */
export type Head = 'mean' | number

/** From the address; anything out of range is the mean. */
export function depthIn(text: string | undefined, layers: number): Depth {
  if (text === 'rollout') return text
  return numberIn(text, layers)
}
export const headIn = (text: string | undefined, heads: number): Head => numberIn(text, heads)
function numberIn(text: string | undefined, most: number): number | 'mean' {
  const number = Number(text)
  return Number.isInteger(number) && number >= 1 && number <= most ? number : 'mean'
}

/** The selected attention over the positions of the input, sum 1. Rollout mixes all heads. */
export function weightsAt(
  { input, layers, heads, weights, rollout }: CellAttention,
  depth: Depth,
  head: Head,
) {
  if (depth === 'rollout') return rollout
  const { positions } = input
  const all = (count: number, one: number | 'mean') =>
    one === 'mean' ? Array.from({ length: count }, (_, i) => i) : [one - 1]
  const [inLayers, inHeads] = [all(layers, depth), all(heads, head)]
  const found = new Float32Array(positions)
  for (const l of inLayers)
    for (const h of inHeads)
      for (let at = 0; at < positions; at++) found[at]! += weights[(l * heads + h) * positions + at]!
  return found.map((sum) => sum / (inLayers.length * inHeads.length))
}

/** Where a position of the input is. */
export type Place = { readonly grid: GridName; readonly cell: number } | 'start'
export function placeOf({ prefix }: CellInput, grid: GridName, position: number): Place {
  if (position === prefix) return 'start'
  return position < prefix
    ? { grid: 'discriminative', cell: position }
    : { grid, cell: position - prefix - 1 }
}

/** Values of positions by cell: NaN for cells that are not in the input. */
export type OnGrids = Readonly<Partial<Record<GridName, Float32Array>>>

export function onGrids(input: CellInput, grid: GridName, values: ArrayLike<number>): OnGrids {
  const own = new Float32Array(input.cells).fill(NaN)
  const prefix = new Float32Array(input.prefix)
  for (let position = 0; position < input.positions; position++) {
    const place = placeOf(input, grid, position)
    if (place === 'start') continue
    const into = position < input.prefix ? prefix : own
    into[place.cell] = values[position]!
  }
  return input.prefix > 0 ? { discriminative: prefix, [grid]: own } : { [grid]: own }
}

/** The sum of both grids by cell; NaN where neither has the cell. */
export function sumOfGrids(grids: OnGrids): Float32Array {
  const all = Object.values(grids)
  return all[0]!.map((_, cell) => {
    const known = all.map((values) => values[cell]!).filter((value) => !Number.isNaN(value))
    return known.length === 0 ? NaN : known.reduce((sum, value) => sum + value)
  })
}

/** The largest value of all grids, above 0. */
export const reachOf = (grids: OnGrids): number =>
  Object.values(grids).reduce(
    (most, values) => values.reduce((reach, value) => Math.max(reach, Math.abs(value) || 0), most),
    1e-12,
  )

type Pixels = Uint8ClampedArray<ArrayBuffer>

/** Cells of masked decoding that had a token when the cell was drawn. */
export const visibleCells = ({ masked }: CellInput): readonly number[] =>
  masked ? [...masked.keys()].filter((cell) => masked[cell] === 0) : []

/** Shares from 0 as heat; cells that are not in the input are transparent. */
export function sharePixels(values: Float32Array, scale: HeatScale): Pixels {
  const pixels = heatPixels(
    values.map((value) => value || 0),
    scale,
  )
  values.forEach((value, cell) => Number.isNaN(value) && (pixels[cell * 4 + 3] = 0))
  return pixels
}

/** Signed changes; cells without one are transparent. */
export function changePixels(values: Float32Array, reach: number): Pixels {
  const pixels = new Uint8ClampedArray(values.length * 4)
  values.forEach((value, cell) => {
    if (!Number.isNaN(value)) pixels.set([...divergingColour(value / reach), 255], cell * 4)
  })
  return pixels
}

/** A veil over the picture that is lightest where the values are largest. */
export function veilPixels(values: Float32Array): Pixels {
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1e-12)
  const pixels = new Uint8ClampedArray(values.length * 4)
  values.forEach((value, cell) => {
    const share = Math.abs(value || 0) / reach
    pixels.set([12, 14, 20, 225 * (1 - Math.sqrt(share))], cell * 4)
  })
  return pixels
}

/** Positions with the largest values first, by size. */
export function largest(values: ArrayLike<number>, count: number): number[] {
  return Array.from(values, (value, at) => ({ value: Math.abs(value), at }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value || a.at - b.at)
    .slice(0, count)
    .map(({ at }) => at)
}

export const startWords = ({ start }: CellInput): string => (start === 'class' ? 'Class' : 'Start symbol')
