// Pictures of A grids x B random numbers of stage 2, one of each pair -> the variance of their pixels, split between the
// grids, the random numbers, and what only both together decide: a two-way random-effects analysis with one observation a
// cell (Searle, Casella & McCulloch 1992, chapter 4). Without replicates nothing is left as noise: decoding is exact.

export const PARTS = ['stage1', 'stage2', 'interaction'] as const
export type Part = (typeof PARTS)[number]

export interface CrossedVariance {
  /** Variance on the scale 0..255, mean over pixels and channels, unbiased: an estimate can be slightly negative. */
  readonly variance: Readonly<Record<Part, number>>
  /** Their sum: of a picture with a new grid and new random numbers. */
  readonly total: number
  /** Of the total; they add up to 1. Undefined where all pictures are equal. */
  readonly share: Readonly<Record<Part, number>> | undefined
  /** [side * side]: roots of the variances, mean of the channels; 0 where the estimate is negative. */
  readonly deviation: Readonly<Record<Part, Float32Array>>
}

export interface CrossedSums {
  /** Adds the picture of a grid and a random number: RGBA, [side * side * 4]. */
  add(pixels: Uint8ClampedArray, grid: number, noise: number): void
  readonly added: number
  /** Undefined until every pair was added once. */
  result(): CrossedVariance | undefined
}

/** Sums of whole numbers, exact in float64. Throws RangeError for fewer than 2 grids or random numbers. */
export function crossedSums(side: number, A: number, B: number): CrossedSums {
  if (Math.min(A, B) < 2) throw new RangeError(`a split needs at least 2 x 2 pictures, got ${A} x ${B}`)
  const values = side * side * 4
  const rows = Array.from({ length: A }, () => new Float64Array(values))
  const columns = Array.from({ length: B }, () => new Float64Array(values))
  const squares = new Float64Array(values)
  const seen = new Set<number>()
  return {
    add(pixels, grid, noise) {
      if (pixels.length !== values)
        throw new RangeError(`a picture of ${pixels.length / 4} pixels among pictures of ${side} x ${side}`)
      const [row, column] = [rows[grid], columns[noise]]
      if (!row || !column || seen.has(grid * B + noise))
        throw new RangeError(`picture ${grid}, ${noise}: added before, or not among ${A} x ${B}`)
      seen.add(grid * B + noise)
      for (let i = 0; i < values; i++) {
        const value = pixels[i]!
        row[i] = row[i]! + value
        column[i] = column[i]! + value
        squares[i] = squares[i]! + value * value
      }
    },
    get added() {
      return seen.size
    },
    result() {
      if (seen.size < A * B) return undefined
      const deviation = {
        stage1: new Float32Array(side * side),
        stage2: new Float32Array(side * side),
        interaction: new Float32Array(side * side),
      }
      const variance = { stage1: 0, stage2: 0, interaction: 0 }
      const count = side * side * 3
      for (let i = 0; i < values; i++) {
        if (i % 4 === 3) continue // alpha
        const found = splitOf(rows, columns, squares[i]!, i)
        for (const part of PARTS) {
          variance[part] += found[part] / count
          const at = i >> 2
          deviation[part][at] = deviation[part][at]! + Math.sqrt(Math.max(0, found[part])) / 3
        }
      }
      const total = variance.stage1 + variance.stage2 + variance.interaction
      const share =
        total > 0
          ? {
              stage1: variance.stage1 / total,
              stage2: variance.stage2 / total,
              interaction: variance.interaction / total,
            }
          : undefined
      return { variance, total, share, deviation }
    },
  }
}

/** Expected mean squares, solved for the variances. */
function splitOf(
  rows: readonly Float64Array[],
  columns: readonly Float64Array[],
  squares: number,
  at: number,
): Record<Part, number> {
  const [A, B] = [rows.length, columns.length]
  let [sum, ofRows, ofColumns] = [0, 0, 0]
  for (const row of rows) {
    sum += row[at]!
    ofRows += row[at]! ** 2
  }
  for (const column of columns) ofColumns += column[at]! ** 2
  const correction = sum ** 2 / (A * B)
  const [betweenRows, betweenColumns] = [ofRows / B - correction, ofColumns / A - correction]
  const rest = squares - correction - betweenRows - betweenColumns
  const interaction = rest / ((A - 1) * (B - 1))
  return {
    stage1: (betweenRows / (A - 1) - interaction) / B,
    stage2: (betweenColumns / (B - 1) - interaction) / A,
    interaction,
  }
}
