// The picture of an image after each of its scales (VAR).
import { calls } from '../app/calls.ts'
import { keptPictures } from './kept-pictures.ts'

/** Ten of an image. */
const KEPT = 100

/** The picture of the first `scales` grids of an image of a run. */
export const { pictureOf: scalePictureOf, retry: retryScalePictures } = keptPictures(
  KEPT,
  (run: string, image: number, scales: number) => calls().readScalePicture(run, image, scales),
)
