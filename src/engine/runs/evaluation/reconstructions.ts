// Reconstructions and the images they were made from -> PSNR, SSIM and how much of the codebook is used.
import { extname, join } from 'node:path'
import { readStored } from '../../bytes/index.ts'
import { preprocess } from '../../images/index.ts'
import { codeUsage, psnr, ssim, SSIM_WINDOW } from '../../metrics/index.ts'
import { fileToSha256 } from '../../model-set/file-hash.ts'
import { layersOf, textToRecord } from '../../records/image-record.ts'
import { pictureGrid } from '../../tokens/grid.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import type { ImageSet } from './image-set.ts'
import type { Measures } from './measure.ts'

type Callbacks = Pick<RunCallbacks, 'signal' | 'turn'> & { readonly note: (words: string) => void }

/** To be increased when the same images give other numbers. */
export const PAIRS_VERSION = 1
/** Images between two reports. */
const REPORT_EVERY = 64

/**
 * Of a run that reconstructed images of the reference, each compared with the image it was made from, which the sha256
 * of its file identifies. Means over images; equal images have no finite PSNR and are left out of it.
 */
export async function measureReconstructions(
  samples: ImageSet,
  reference: ImageSet | undefined,
  { signal, turn, note }: Callbacks,
): Promise<Pick<Measures, 'results' | 'settings' | 'notes'>> {
  const { codes } = samples.madeBy!.codebooks
  const originals = reference && (await filesByHash(reference))
  const grids: Int32Array[] = []
  const [noise, likeness]: [number[], number[]] = [[], []]
  let [number, equal] = [0, 0]
  for await (const image of samples.images()) {
    if (number % REPORT_EVERY === 0) {
      note(`reconstructions against their originals: ${number} of ${samples.count}`)
      await turn?.()
      signal.throwIfAborted()
    }
    const path = join(samples.path, samples.nameOf(number++))
    const record = textToRecord(await readStored(path), path)
    grids.push(pictureGrid(layersOf(record)).tokens)
    const place = record.source && originals?.get(record.source.sha256)
    const stored = place === undefined ? undefined : await reference!.image(place)
    if (!stored) continue
    const original = samples.width === samples.height ? preprocess(stored, samples.width) : stored
    const decibels = psnr(image, original)
    if (Number.isFinite(decibels)) noise.push(decibels)
    else equal++
    likeness.push(ssim(image, original))
  }
  const { used, perplexity } = codeUsage(grids)
  const paired = likeness.length
  return {
    results: {
      ...(noise.length > 0 ? { psnr: mean(noise) } : {}),
      ...(paired > 0 ? { ssim: mean(likeness) } : {}),
      codes_used: used,
      ...(codes === undefined ? {} : { codebook_usage: used / codes }),
      code_perplexity: perplexity,
    },
    settings: {
      ...(paired > 0 ? { reconstructed: paired, psnr_range: 255, ssim_window: SSIM_WINDOW } : {}),
      code_cells: grids.reduce((sum, { length }) => sum + length, 0),
    },
    notes: [
      paired === samples.count
        ? 'reconstructions of images of the reference: the Fréchet distance is an rFID, which is below that of samples'
        : `PSNR and SSIM: the originals of ${samples.count - paired} of ${samples.count} reconstructions are not in the reference`,
      ...(equal > 0 ? [`PSNR: ${equal} reconstructions equal their originals and are left out`] : []),
    ],
  }
}

/** Numbers of the images by the sha256 of their files; empty for a batch, which has none. */
async function filesByHash(set: ImageSet): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  if (extname(set.path).toLowerCase() === '.npz') return found
  for (let image = 0; image < set.count; image++)
    found.set(await fileToSha256(join(set.path, set.nameOf(image))), image)
  return found
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
