// Features of patches -> colours: principal components as red, green and blue, as in the figures of DINOv2. Source:
// Oquab et al. 2023, DINOv2, section 7.5 (components over all patches of the pictures; the first separates the
// foreground, whose patches alone are coloured). N = patches, D = width.
import { columnOf, rowOf } from '../../shared/grid/shape.ts'
import { DIGIT_GRID } from '../../shared/grid/layout.ts'
import { principalComponents, projectRows } from './principal-components.ts'

const COLOURS = 3

export interface ColouredPatches {
  /** RGBA [N * 4]; patches left out are transparent. */
  readonly pixels: Uint8Array
  /** Share of the variance along each component. */
  readonly shares: readonly number[]
  /** Number of patches not left out. */
  readonly patches: number
}

/**
 * @param features [N, D], whole pictures of 256 patches one after another
 * @param foregroundOnly leaves out patches on the background side of the first component
 */
export function patchColours(features: Float32Array, D: number, foregroundOnly: boolean): ColouredPatches {
  const N = features.length / D
  const found = foregroundOnly ? foregroundOf(features, D) : new Uint8Array(N).fill(1)
  // A picture without foreground is shown completely.
  const shown = found.includes(1) ? found : found.fill(1)
  const kept = Array.from(shown.keys()).filter((row) => shown[row] === 1)
  const rows = new Float32Array(kept.length * D)
  kept.forEach((row, i) => rows.set(features.subarray(row * D, (row + 1) * D), i * D))
  const components = principalComponents(rows, D, COLOURS)
  const along = scaledColumns(projectRows(rows, components), components.variances)
  const pixels = new Uint8ClampedArray(N * 4)
  kept.forEach((row, i) => {
    for (let c = 0; c < COLOURS; c++) pixels[row * 4 + c] = 255 * (along[c]?.[i] ?? 0.5)
    pixels[row * 4 + 3] = 255
  })
  const total = totalVariance(rows, D, components.mean)
  return {
    pixels: new Uint8Array(pixels.buffer),
    shares: components.variances.map((variance) => (total > 0 ? variance / total : 0)),
    patches: kept.length,
  }
}

/** [N]: 1 for patches on the side of the first component with fewer border patches. */
export function foregroundOf(features: Float32Array, D: number): Uint8Array {
  const { side, cells } = DIGIT_GRID
  const along = projectRows(features, principalComponents(features, D, 1))
  const isBorder = (row: number) => {
    const [y, x] = [rowOf(row % cells, DIGIT_GRID), columnOf(row, DIGIT_GRID)]
    return y === 0 || x === 0 || y === side - 1 || x === side - 1
  }
  const border = along.filter((_, row) => isBorder(row))
  const above = border.reduce((count, value) => count + Number(value > 0), 0)
  const sign = 2 * above > border.length ? -1 : 1
  return Uint8Array.from(along, (value) => (sign * value > 0 ? 1 : 0))
}

/** Relative to the variance of the first component. Less is rounding error without a direction. */
const NOISE = 1e-12

/** Coordinates [N, C], each column scaled from its minimum and maximum to 0 and 1; 0.5 if it does not vary. */
function scaledColumns(values: Float32Array, variances: readonly number[]): Float64Array[] {
  const C = variances.length
  return variances.map((variance, c) => {
    const column = Float64Array.from({ length: values.length / C }, (_, row) => values[row * C + c]!)
    const least = column.reduce((a, b) => Math.min(a, b), Infinity)
    const extent = column.reduce((a, b) => Math.max(a, b), -Infinity) - least
    const varies = extent > 0 && variance > NOISE * variances[0]!
    return column.map((value) => (varies ? (value - least) / extent : 0.5))
  })
}

/** Sum of the variances of all D features, dividing by N. */
function totalVariance(rows: Float32Array, D: number, mean: Float64Array): number {
  let sum = 0
  for (let i = 0; i < rows.length; i++) sum += (rows[i]! - mean[i % D]!) ** 2
  return sum / (rows.length / D)
}
