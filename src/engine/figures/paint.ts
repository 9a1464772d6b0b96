// What a display list names as pictures -> pixels: read or computed, cut, and brought to the size they are shown at.
import { RequestError } from '../../shared/errors.ts'
import type { DisplayItem, PictureSource } from '../../shared/figures/display.ts'
import type { Region } from '../../shared/figures/image-ref.ts'
import {
  deviationImage,
  difference,
  fadedCells,
  meanImage,
  momentsOf,
  scaleImage,
  tokensOver,
  type Moments,
  type Pixels,
} from '../../shared/figures/pictures.ts'
import type { GridName } from '../../shared/api.ts'
import { resizeBicubic } from '../images/index.ts'

export type ImageItem = Extract<DisplayItem, { kind: 'image' }>

/** Where a figure's images come from; keys are those of `refKey`. */
export interface PictureFiles {
  image(key: string): Promise<Pixels>
  /** The picture it was made from, at the image's size. */
  input(key: string): Promise<Pixels>
  tokens(key: string, grid: GridName): ArrayLike<number>
}

/** The item's pixels as they are, cut to its crop. */
export async function itemPixels({ source, crop }: ImageItem, files: PictureFiles): Promise<Pixels> {
  const pixels = await sourcePixels(source, files)
  return crop ? cut(pixels, crop) : pixels
}

async function sourcePixels(source: PictureSource, files: PictureFiles): Promise<Pixels> {
  switch (source.of) {
    case 'image':
      return files.image(source.image)
    case 'input':
      return files.input(source.image)
    case 'tokens':
      return tokensOver(
        await files.image(source.image),
        files.tokens(source.image, source.grid),
        source.opacity,
      )
    case 'faded':
      return fadedCells(await files.image(source.image), source.cells, source.opacity)
    case 'difference': {
      const [before, after] = [await files.image(source.before), await files.image(source.after)]
      sameSize(source.before, before, source.after, after)
      return difference(before, after)
    }
    case 'mean':
      return meanImage(await imageMoments(source.images, files))
    case 'deviation':
      return deviationImage(await imageMoments(source.images, files), source.most)
    case 'scale':
      return scaleImage()
  }
}

/** Sums over images of one size. Throws RequestError where their sizes differ. */
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
  if (!moments) throw new RequestError('statistics over no images')
  return moments
}

function sameSize(nameA: string, a: Pixels, nameB: string, b: Pixels): void {
  if (a.width !== b.width || a.height !== b.height)
    throw new RequestError(
      `${nameB} is ${b.width} x ${b.height}, ${nameA} ${a.width} x ${a.height}: they cannot be compared`,
    )
}

function cut({ rgb, width }: Pixels, region: Region): Pixels {
  const out = new Uint8Array(region.width * region.height * 3)
  for (let y = 0; y < region.height; y++) {
    const from = ((region.y + y) * width + region.x) * 3
    out.set(rgb.subarray(from, from + region.width * 3), y * region.width * 3)
  }
  return { rgb: out, width: region.width, height: region.height }
}

export const resized = (image: Pixels, width: number, height: number): Pixels =>
  image.width === width && image.height === height ? image : resizeBicubic(image, width, height)

/** Pixels of an image that is shown over so many points, at most `dpi` to the inch. */
export async function reduced(item: ImageItem, dpi: number, files: PictureFiles): Promise<Pixels> {
  const image = await itemPixels(item, files)
  const most = (length: number): number => Math.max(1, Math.ceil((length * dpi) / 72))
  const [width, height] = [most(item.width), most(item.height)]
  return resized(image, Math.min(image.width, width), Math.min(image.height, height))
}

/** One name for one picture at one size, so that it is written once. */
export const itemKey = ({ source, crop, width, height }: ImageItem): string =>
  JSON.stringify([source, crop, Math.round(width * 1000), Math.round(height * 1000)])
