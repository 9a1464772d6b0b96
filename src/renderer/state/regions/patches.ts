// Tokens, features and colors of the patches of pictures: requested on first use, then cached.
import type { GridName } from '../../../shared/grid/layout.ts'
import type { PatchColours, PatchFeatures, PictureRef, PictureTokens } from '../../../shared/atlas/regions.ts'
import { asking, type Asked } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { pictureOf } from '../images/pictures.ts'
import { parseJson } from '../../../shared/plain-json.ts'

interface TokensAsked {
  readonly picture: PictureRef
  readonly grid: GridName
  readonly encode: boolean
}
interface ColoursAsked {
  readonly pictures: readonly PictureRef[]
  readonly foreground: boolean
}

const tokens = asking(200, async (key) => {
  const { picture, grid, encode } = parseJson(key) as TokensAsked
  return Object.freeze(await calls().readPictureTokens(picture, grid, encode))
})
const features = asking(64, async (key) =>
  Object.freeze(await calls().readPatchFeatures(parseJson(key) as PictureRef)),
)
const colours = asking(32, async (key) => {
  const { pictures, foreground } = parseJson(key) as ColoursAsked
  return Object.freeze(await calls().readPatchColours(pictures, foreground))
})
const squares = asking(
  200,
  async (key) => {
    const png = await calls().readSquarePicture(parseJson(key) as PictureRef)
    return URL.createObjectURL(new Blob([Uint8Array.from(png)], { type: 'image/png' }))
  },
  (url) => URL.revokeObjectURL(url),
)

export const tokensOfPicture = (asked: TokensAsked): Asked<PictureTokens> => tokens.of(JSON.stringify(asked))
export const featuresOf = (picture: PictureRef): Asked<PatchFeatures> => features.of(JSON.stringify(picture))
export const coloursOf = (asked: ColoursAsked): Asked<PatchColours> => colours.of(JSON.stringify(asked))

/** Object URL of a picture; for an image generated here, of its own pixels. */
export function urlOfPicture(picture: PictureRef): Asked<string> {
  if (picture.of !== 'run') return squares.of(JSON.stringify(picture))
  const found = pictureOf(picture.run, picture.image)
  return found && 'url' in found ? { value: found.url } : found
}

/** Call when the models change. */
export function forgetPatches(): void {
  for (const kept of [tokens, features, colours]) kept.forget('')
}

/** After a reconnect: requests that failed may have failed with the old connection. */
export function retryPatches(): void {
  for (const kept of [tokens, features, colours, squares]) kept.retry()
}
