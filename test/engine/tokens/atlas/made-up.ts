// A small made-up data set with unused, rare and frequent entries, and plain loops over it to hold statistics against.
import type { TokenColumns } from '../../../../src/engine/tokens/dataset/columns.ts'
import { gridOfSide } from '../../../../src/shared/grid/shape.ts'
import { mersenneTwister } from '../../../../src/shared/mersenne-twister.ts'

export const K = 23
export const IMAGES = 40
export const CLASSES = 4

const next = mersenneTwister(7)
const random = () => next() / 2 ** 32

/** Entries 21 and 22 are never used, 20 in three images; low numbers are frequent, and more so in images of their class. */
export const columns: TokenColumns = {
  images: IMAGES,
  grid: gridOfSide(16),
  tokens: Int32Array.from({ length: IMAGES * 256 }, (_, cell) => {
    const image = Math.floor(cell / 256)
    const any = Math.floor(20 * random() ** 3)
    if (cell % 256 === 100 && image < 3) return 20
    return random() < 0.3 ? image % CLASSES : any
  }),
  // Coarse, so that there are ties.
  distances: Float32Array.from({ length: IMAGES * 256 }, () => Math.fround(Math.floor(random() * 500) / 7)),
  classes: Int32Array.from({ length: IMAGES }, (_, image) => (image === 39 ? -1 : image % CLASSES)),
  paths: Array.from({ length: IMAGES }, (_, image) => `${image}.png`),
  hashes: Array.from({ length: IMAGES }, () => ''),
}

export interface Cell {
  readonly image: number
  readonly row: number
  readonly column: number
  readonly token: number
  readonly distance: number
}

export const cells: readonly Cell[] = Array.from(columns.tokens, (token, i) => ({
  image: Math.floor(i / 256),
  row: Math.floor((i % 256) / 16),
  column: i % 16,
  token,
  distance: columns.distances![i]!,
}))

export const cellsOf = (entry: number): Cell[] => cells.filter(({ token }) => token === entry)

/** Entropy in nats, straight from its definition. */
export function entropyOf(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log(count / total)),
    0,
  )
}

export const countOf = <T>(items: readonly T[], wanted: (item: T) => boolean): number =>
  items.filter(wanted).length
