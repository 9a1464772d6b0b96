// The cells of one entry -> their positions, distances, classes, and examples from near to far.
import type { AtlasEntry, Band, ClassLift, Example } from '../../../shared/atlas/atlas.ts'
import { shareInterval } from '../../../shared/evaluation/share-interval.ts'
import type { GridShape } from '../../../shared/grid/shape.ts'
import { normalQuantile } from '../../../shared/quantiles.ts'

/** One entry's part of `Members`: cells from nearest to farthest. */
export interface EntryMembers {
  /** Grid of every image. */
  readonly grid: GridShape
  readonly cells: Uint32Array
  readonly distances?: Float32Array
}

const HISTOGRAM_BINS = 32
/** Shares of the cells where bands end. */
const BAND_ENDS = [0.05, 0.25, 0.5, 0.75, 0.95, 1]

/** In nats; 0 if there are no counts or only one is positive. */
export function entropy(counts: ArrayLike<number>): number {
  let [total, sum] = [0, 0]
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!
    if (count === 0) continue
    total += count
    sum += count * Math.log(count)
  }
  return total === 0 ? 0 : Math.max(0, Math.log(total) - sum / total)
}

/** Cells at each position of the grid. */
export function positionsOf({ cells, grid }: EntryMembers): Uint32Array {
  const positions = new Uint32Array(grid.cells)
  for (let i = 0; i < cells.length; i++) positions[cells[i]! % grid.cells]!++
  return positions
}

/** Cells in images of each class; images without one (-1) are left out. */
export function classesOf({ cells, grid }: EntryMembers, classes: Int32Array, count: number): Uint32Array {
  const found = new Uint32Array(count)
  for (let i = 0; i < cells.length; i++) {
    const label = classes[Math.floor(cells[i]! / grid.cells)]!
    if (label >= 0) found[label]!++
  }
  return found
}

/**
 * p(class | entry) / p(class) over cells, for each class.
 * @param classImages images of each class in the whole data set
 */
export function classLifts(found: Uint32Array, classImages: ArrayLike<number>): Float64Array {
  const total = (counts: ArrayLike<number>) => Array.from(counts).reduce((sum, count) => sum + count, 0)
  const [inEntry, inAll] = [total(found), total(classImages)]
  return Float64Array.from(found, (count, label) =>
    inEntry === 0 || classImages[label] === 0 ? 0 : count / inEntry / (classImages[label]! / inAll),
  )
}

/**
 * Lifts of an entry's classes with 95 % intervals that hold for all of them together (Bonferroni). Cells of one image are not
 * independent: they count as (sum n)^2 / sum n^2 images (Kish 1965), n cells in each, with Wilson's interval of a share.
 */
export function liftsOf(
  { cells, grid }: EntryMembers,
  classes: Int32Array,
  classImages: ArrayLike<number>,
): ClassLift[] {
  const found = classesOf({ cells, grid }, classes, classImages.length)
  const perImage = new Map<number, number>()
  for (let i = 0; i < cells.length; i++) {
    const image = Math.floor(cells[i]! / grid.cells)
    if (classes[image]! >= 0) perImage.set(image, (perImage.get(image) ?? 0) + 1)
  }
  let [total, squares] = [0, 0]
  for (const count of perImage.values()) {
    total += count
    squares += count ** 2
  }
  if (total === 0) return []
  const z = normalQuantile(1 - 0.025 / Array.from(classImages).filter((images) => images > 0).length)
  const lifts = classLifts(found, classImages)
  return Array.from(lifts, (lift, label) => {
    const share = found[label]! / total
    const { low, high } = shareInterval(share, total ** 2 / squares, z)
    // Of the class in the whole set.
    const base = lift === 0 ? Infinity : share / lift
    return { class: label, cells: found[label]!, lift, low: low / base, high: high / base }
  })
}

/** Counts in bins of equal width from the smallest to the largest distance. */
export function distanceHistogram(distances: Float32Array): AtlasEntry['distances'] {
  if (distances.length === 0) return undefined
  const [from, to] = [distances[0]!, distances[distances.length - 1]!]
  const counts = new Uint32Array(HISTOGRAM_BINS)
  const width = (to - from) / HISTOGRAM_BINS
  for (let i = 0; i < distances.length; i++) {
    const bin = width === 0 ? 0 : Math.floor((distances[i]! - from) / width)
    counts[Math.min(bin, HISTOGRAM_BINS - 1)]!++
  }
  return { from, to, counts }
}

/** Bands of at most `perBand` examples. Without distances there is one band. */
export function bandsOf(members: EntryMembers, perBand: number): Band[] {
  const { length } = members.cells
  if (length === 0) return []
  const ends = members.distances ? BAND_ENDS : [1]
  let from = 0
  return ends.flatMap((end, i) => {
    const begin = Math.round(from * length)
    const stop = Math.round(end * length)
    const band = { from, to: end, cells: stop - begin }
    from = end
    if (stop === begin) return []
    const count = Math.min(perBand, stop - begin)
    const first = i === ends.length - 1 ? stop - count : begin
    const isEdge = ends.length > 1 && (i === 0 || i === ends.length - 1)
    const places = Array.from({ length: count }, (_, j) =>
      isEdge ? first + j : begin + Math.floor(((j + 0.5) * (stop - begin)) / count),
    )
    return [{ ...band, examples: places.map((place) => exampleAt(members, place)) }]
  })
}

/** The member at a place in the order of distance. */
export function exampleAt({ grid, cells, distances }: EntryMembers, place: number): Example {
  const cell = cells[place]!
  return {
    image: Math.floor(cell / grid.cells),
    cell: cell % grid.cells,
    ...(distances ? { distance: distances[place]! } : {}),
  }
}
