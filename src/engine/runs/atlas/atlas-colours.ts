// The pictures of an atlas -> the mean color of the patches of every entry.
import { join } from 'node:path'
import { preprocess, decodeImage } from '../../images/index.ts'
import { addColours, meanColours, newColourSums } from '../../tokens/atlas/mean-colours.ts'
import { arrayPath, isThere } from './atlas-files.ts'
import type { AtlasWork } from './atlas-work.ts'

/** Pictures read at most, evenly spread, and as many again for entries that those do not show. */
const MOST = 2048
/** Pixels of a cell along its side. */
const PATCH = 8

/** Writes colours.npy, uint8 [K, 3], unless the images have no pictures or none can be read. @param root of their paths */
export async function writeAtlasColours(work: AtlasWork, root: string): Promise<void> {
  const { spec, codebook, callbacks, stage } = work
  const { paths, tokens, grid, images } = await work.columns()
  if ((await isThere(arrayPath(spec.out, 'colours'))) || paths.every((path) => path === '')) return
  stage('mean colors of patches')
  const sums = newColourSums(codebook.K)
  const size = grid.side * PATCH
  const read = new Set<number>()
  const add = async (image: number): Promise<void> => {
    if (read.has(image) || paths[image] === '') return
    read.add(image)
    callbacks.signal.throwIfAborted()
    // A picture may have gone since its tokens were made; the colors come from the others.
    const picture = await decodeImage(join(root, paths[image]!)).catch(() => undefined)
    if (!picture) return
    const { rgb } = preprocess(picture, size)
    addColours(sums, rgb, size, tokens.subarray(image * grid.cells, (image + 1) * grid.cells), grid)
  }
  const every = Math.max(1, Math.ceil(images / MOST))
  for (let image = 0; image < images; image += every) await add(image)
  const { starts, cells } = await work.members()
  for (let k = 0, more = 0; k < codebook.K && more < MOST; k++) {
    if (sums.cells[k]! > 0 || starts[k] === starts[k + 1]) continue
    await add(Math.floor(cells[starts[k]!]! / grid.cells))
    more++
  }
  if (sums.cells.every((count) => count === 0)) return
  await work.write('colours', { data: meanColours(sums), shape: [codebook.K, 3] })
}
