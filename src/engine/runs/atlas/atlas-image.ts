// An image of an atlas -> its tokens, by searching the entries' lists of places.
import { gridOfAtlas } from '../../../shared/atlas/atlas.ts'
import type { Atlas } from './atlas-read.ts'
import { readArray, readPart } from './atlas-files.ts'

/** Places read at once: 4 MB. */
const PART = 2 ** 20

/** Tokens and distances of an image, one per cell. Reads 50 MB for 50,000 images. */
export async function atlasImageTokens(
  folder: string,
  { info }: Pick<Atlas, 'info'>,
  image: number,
): Promise<{ tokens: Int32Array; distances?: Float32Array }> {
  const starts = await readArray(folder, 'starts', Uint32Array)
  const perImage = gridOfAtlas(info).cells
  const tokens = new Int32Array(perImage)
  const distances = info.quantisationError === undefined ? undefined : new Float32Array(perImage)
  let left = perImage
  for (let from = 0; from < info.cells && left > 0; from += PART) {
    const to = Math.min(info.cells, from + PART)
    const cells = await readPart(folder, 'cells', Uint32Array, from, to)
    let known: Float32Array | undefined
    for (let i = 0; i < cells.length && left > 0; i++) {
      const cell = cells[i]! - image * perImage
      if (cell < 0 || cell >= perImage) continue
      left--
      tokens[cell] = entryAt(starts, from + i)
      if (!distances) continue
      known ??= await readPart(folder, 'distances', Float32Array, from, to)
      distances[cell] = known[i]!
    }
  }
  return distances ? { tokens, distances } : { tokens }
}

/** The entry that contains place `at`: the last k with starts[k] <= at. */
function entryAt(starts: Uint32Array, at: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= at) low = middle
    else high = middle
  }
  return low
}
