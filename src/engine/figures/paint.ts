// Picture items of a display list -> pixels: read or computed, cropped, and resized to their size in the figure.
import { gridOfSide } from '../../shared/grid/shape.ts'
import { RequestError } from '../../shared/errors.ts'
import type { ImageItem } from '../../shared/figures/display.ts'
import type { Figure } from '../../shared/figures/figure.ts'
import type { Region } from '../../shared/figures/image-ref.ts'
import {
  cellsOver,
  deviationImage,
  difference,
  fadedCells,
  meanImage,
  momentsOf,
  scaleImage,
  type Moments,
  type Pixels,
} from '../../shared/figures/pictures.ts'
import { MAX_IMAGE_PIXELS, partOf, resizeBicubic } from '../images/index.ts'

/** Source of a figure's images; keys are those of `refKey`. */
export interface PictureFiles {
  image(key: string): Promise<Pixels>
  /** The picture it was made from, at the image's size. */
  input(key: string): Promise<Pixels>
}

/** How low-resolution images are enlarged: smoothly, or with each pixel as a square. */
export type Enlarge = Figure['enlarge']

/** The item's pixels, cropped, at exactly this size. Throws RequestError if it is larger than any image may be. */
export async function paint(
  { source, crop }: ImageItem,
  width: number,
  height: number,
  enlarge: Enlarge,
  files: PictureFiles,
): Promise<Pixels> {
  if (width * height > MAX_IMAGE_PIXELS)
    throw new RequestError(
      `image of ${width} x ${height} pixels: too large to draw (maximum ${MAX_IMAGE_PIXELS} pixels); lower the dpi or the width of the page`,
    )
  const sized = (image: Pixels): Pixels => resized(crop ? cut(image, crop) : image, width, height, enlarge)
  switch (source.of) {
    case 'image':
      return sized(await files.image(source.image))
    case 'input':
      return sized(await files.input(source.image))
    // Cells are drawn at the final size, so that their edges are sharp at any size.
    case 'tokens':
      return cellsOver(sized(await files.image(source.image)), source.cells, source.opacity)
    case 'faded':
      return fadedCells(
        sized(await files.image(source.image)),
        gridOfSide(source.side),
        source.cells,
        source.opacity,
      )
    case 'difference': {
      const [before, after] = [await files.image(source.before), await files.image(source.after)]
      sameSize(source.before, before, source.after, after)
      return sized(difference(before, after))
    }
    case 'mean':
      return sized(meanImage(await imageMoments(source.images, files)))
    case 'deviation':
      return sized(deviationImage(await imageMoments(source.images, files), source.most))
    case 'scale':
      return sized(scaleImage())
  }
}

/** Sums over images of one size. Throws RequestError if their sizes differ. */
export async function imageMoments(keys: readonly string[], files: PictureFiles): Promise<Moments> {
  async function* images(): AsyncGenerator<Pixels> {
    let first: Pixels | undefined
    for (const key of keys) {
      const image = await files.image(key)
      first ??= image
      sameSize(keys[0]!, first, key, image)
      yield image
    }
  }
  const moments = await momentsOf(images())
  if (!moments) throw new RequestError('statistics need at least one image')
  return moments
}

function sameSize(nameA: string, a: Pixels, nameB: string, b: Pixels): void {
  if (a.width !== b.width || a.height !== b.height)
    throw new RequestError(
      `${nameB} (${b.width} x ${b.height}) and ${nameA} (${a.width} x ${a.height}): cannot compare images of different sizes`,
    )
}

const cut = (image: Pixels, { x, y, width, height }: Region): Pixels =>
  partOf(image, { left: x, top: y, width, height })

function resized(image: Pixels, width: number, height: number, enlarge: Enlarge): Pixels {
  if (image.width === width && image.height === height) return image
  const grows = width >= image.width && height >= image.height
  return enlarge === 'pixels' && grows ? squares(image, width, height) : resizeBicubic(image, width, height)
}

/** Every pixel as a square, or nearly one if the factor is not an integer. */
function squares({ rgb, width: from, height: rows }: Pixels, width: number, height: number): Pixels {
  const out = new Uint8Array(width * height * 3)
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * rows) / height) * from
    for (let x = 0; x < width; x++, at += 3) {
      const pixel = (row + Math.floor(((x + 0.5) * from) / width)) * 3
      for (let c = 0; c < 3; c++) out[at + c] = rgb[pixel + c]!
    }
  }
  return { rgb: out, width, height }
}

/** The item's pixels at this resolution. */
export function paintAt(
  item: ImageItem,
  dpi: number,
  enlarge: Enlarge,
  files: PictureFiles,
): Promise<Pixels> {
  const pixels = (length: number): number => Math.max(1, Math.round((length * dpi) / 72))
  return paint(item, pixels(item.width), pixels(item.height), enlarge, files)
}

/** One key per picture and size, so that it is written once. */
export const itemKey = ({ source, crop, width, height }: ImageItem): string =>
  JSON.stringify([source, crop, Math.round(width * 1000), Math.round(height * 1000)])
