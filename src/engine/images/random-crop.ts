// An image -> a random part of it, of random size and shape, as the input of a network: torchvision's RandomResizedCrop and
// RandomHorizontalFlip. Source: torchvision/transforms/transforms.py, `RandomResizedCrop.get_params`.
import { mirrored, resizeBilinear } from './resize.ts'
import { partOf, type ImagePart, type RgbImage } from './rgb-image.ts'

/** Share of the area, and width / height. */
const SCALE = [0.08, 1] as const
const RATIO = [3 / 4, 4 / 3] as const
/** Parts that do not fit are replaced by another draw, and after the last by the middle. */
const TRIES = 10
const DRAWS_OF_A_TRY = 4

/** Numbers that `draw` is called with are below this. */
export const CROP_DRAWS = TRIES * DRAWS_OF_A_TRY + 1

/**
 * [size, size] RGB, bilinear with antialias, mirrored in half of the cases.
 * @param draw the uniform of [0, 1) at a position, so that a crop can be made again
 */
export function randomResizedCrop(
  image: RgbImage,
  size: number,
  draw: (position: number) => number,
): RgbImage {
  const crop = resizeBilinear(partOf(image, randomPart(image, draw)), size, size)
  return draw(CROP_DRAWS - 1) < 0.5 ? mirrored(crop) : crop
}

export function randomPart({ width, height }: RgbImage, draw: (position: number) => number): ImagePart {
  const between = (u: number, [low, high]: readonly [number, number]) => low + u * (high - low)
  for (let at = 0; at < TRIES * DRAWS_OF_A_TRY; at += DRAWS_OF_A_TRY) {
    const area = width * height * between(draw(at), SCALE)
    const ratio = Math.exp(between(draw(at + 1), [Math.log(RATIO[0]), Math.log(RATIO[1])]))
    const [w, h] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))]
    if (w < 1 || w > width || h < 1 || h > height) continue
    const top = Math.floor(draw(at + 2) * (height - h + 1))
    return { left: Math.floor(draw(at + 3) * (width - w + 1)), top, width: w, height: h }
  }
  const ratio = width / height
  const w = ratio > RATIO[1] ? Math.round(height * RATIO[1]) : width
  const h = ratio < RATIO[0] ? Math.round(width / RATIO[0]) : height
  return { left: (width - w) >> 1, top: (height - h) >> 1, width: w, height: h }
}
