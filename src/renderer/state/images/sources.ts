// Source pictures of reconstructions.
import { calls } from '../app/calls.ts'
import { keptPictures } from './kept-pictures.ts'

/** A run has sixteen at most. */
const KEPT = 64

/** The source picture of an image of a run. */
export const { pictureOf: sourceOf, retry: retrySources } = keptPictures(KEPT, (run: string, image: number) =>
  calls().readSource(run, image),
)
