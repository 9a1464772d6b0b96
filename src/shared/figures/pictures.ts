// Pixels that figures compute from images: tokens as colours, faded cells, differences, mean and deviation maps.
import { gridOfCells, type GridShape } from '../grid/shape.ts'
import { viridis } from './colour.ts'

/** uint8 RGB, height x width x 3, rows from the top. */
export interface Pixels {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
}

/** The cell that contains a pixel. */
const cellAt = (x: number, y: number, { width, height }: Pixels, { side }: GridShape): number =>
  Math.floor((y * side) / height) * side + Math.floor((x * side) / width)

/** A new image whose every pixel is `mix(old value, cell, channel)`. */
function byCell(
  image: Pixels,
  grid: GridShape,
  mix: (value: number, cell: number, channel: number) => number,
): Pixels {
  const rgb = new Uint8Array(image.rgb.length)
  for (let y = 0, at = 0; y < image.height; y++)
    for (let x = 0; x < image.width; x++) {
      const cell = cellAt(x, y, image, grid)
      for (let c = 0; c < 3; c++, at++) rgb[at] = mix(image.rgb[at]!, cell, c)
    }
  return { ...image, rgb }
}

/** Each cell in its colour (`rrggbb`), blended with the image by `opacity`. */
export function cellsOver(image: Pixels, cells: string, opacity: number): Pixels {
  const colours = Array.from({ length: cells.length / 2 }, (_, i) =>
    parseInt(cells.slice(2 * i, 2 * i + 2), 16),
  )
  return byCell(image, gridOfCells(colours.length / 3), (value, cell, c) =>
    Math.round(value + (colours[3 * cell + c]! - value) * opacity),
  )
}

/** Some cells faded to white by `opacity`. */
export function fadedCells(
  image: Pixels,
  grid: GridShape,
  cells: readonly number[],
  opacity: number,
): Pixels {
  const faded = new Uint8Array(grid.cells)
  for (const cell of cells) faded[cell] = 1
  return byCell(image, grid, (value, cell) =>
    faded[cell] ? Math.round(value + (255 - value) * opacity) : value,
  )
}

/** Largest |a - b| of the three channels in grey: white where equal, black at the full range. */
export function difference(a: Pixels, b: Pixels): Pixels {
  const rgb = new Uint8Array(a.rgb.length)
  const between = (i: number): number => Math.abs(a.rgb[i]! - b.rgb[i]!)
  for (let i = 0; i < rgb.length; i += 3)
    rgb.fill(255 - Math.max(between(i), between(i + 1), between(i + 2)), i, i + 3)
  return { ...a, rgb }
}

/** Per-channel sums over `count` images of one size. */
export interface Moments {
  count: number
  readonly sum: Float64Array
  readonly squares: Float64Array
  readonly width: number
  readonly height: number
}

/** Running sums of a sequence of images, so that only one is in memory. */
export async function momentsOf(images: AsyncIterable<Pixels>): Promise<Moments | undefined> {
  let moments: Moments | undefined
  for await (const { rgb, width, height } of images) {
    moments ??= {
      count: 0,
      sum: new Float64Array(rgb.length),
      squares: new Float64Array(rgb.length),
      width,
      height,
    }
    const { sum, squares } = moments
    for (let i = 0; i < rgb.length; i++) {
      sum[i] = sum[i]! + rgb[i]!
      squares[i] = squares[i]! + rgb[i]! * rgb[i]!
    }
    moments.count++
  }
  return moments
}

export function meanImage({ sum, count, width, height }: Moments): Pixels {
  const rgb = new Uint8Array(sum.length)
  for (let i = 0; i < rgb.length; i++) rgb[i] = Math.round(sum[i]! / count)
  return { rgb, width, height }
}

/**
 * Standard deviation over the images per pixel, [height * width]: the root of the unbiased variance (divided by
 * count - 1), averaged over channels; 0 for one image.
 */
export function deviations({ sum, squares, count, width, height }: Moments): Float64Array {
  const found = new Float64Array(width * height)
  for (let pixel = 0; pixel < found.length; pixel++) {
    let variance = 0
    for (let i = 3 * pixel; i < 3 * pixel + 3; i++)
      variance += (squares[i]! - (sum[i]! * sum[i]!) / count) / Math.max(1, count - 1) / 3
    found[pixel] = Math.sqrt(Math.max(0, variance))
  }
  return found
}

/** Deviations as colours, from 0 to `most`. */
export function deviationImage(moments: Moments, most: number): Pixels {
  const rgb = new Uint8Array(moments.width * moments.height * 3)
  deviations(moments).forEach((value, pixel) => rgb.set(viridis(most > 0 ? value / most : 0), 3 * pixel))
  return { rgb, width: moments.width, height: moments.height }
}

const SCALE_STEPS = 256

/** The colour map as a column, 1 x 256, the largest value at the top. */
export function scaleImage(): Pixels {
  const rgb = new Uint8Array(SCALE_STEPS * 3)
  for (let y = 0; y < SCALE_STEPS; y++) rgb.set(viridis(1 - y / (SCALE_STEPS - 1)), 3 * y)
  return { rgb, width: 1, height: SCALE_STEPS }
}
