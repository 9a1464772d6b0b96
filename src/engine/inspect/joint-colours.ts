// Features of several pictures -> colours that are comparable between them.
import { RequestError } from '../../shared/errors.ts'
import type { PatchColours, PatchFeatures } from '../../shared/atlas/regions.ts'
import { patchColours } from '../tokens/patch-colours.ts'

/** Throws RequestError if the encoders of the pictures differ in width. */
export function colourPatches(pictures: readonly PatchFeatures[], foregroundOnly: boolean): PatchColours {
  const width = pictures[0]!.width
  const other = pictures.find((picture) => picture.width !== width)
  if (other)
    throw new RequestError(
      `features have different widths (${other.width} and ${width}): they come from different encoders`,
    )
  const joined = new Float32Array(pictures.reduce((sum, { features }) => sum + features.length, 0))
  let at = 0
  for (const { features } of pictures) {
    joined.set(features, at)
    at += features.length
  }
  return patchColours(joined, width, foregroundOnly)
}
