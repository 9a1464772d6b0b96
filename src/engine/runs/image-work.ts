// A batch of image jobs -> their grids and pixels, and the queue that several devices take batches from.
import type { RgbImage } from '../images/index.ts'
import type { ImageJob } from '../records/image-record.ts'
import type { PixelDecoder } from '../tokenizer/tokenizer.ts'
import { pictureGrid, type TokenLayers } from '../tokens/grid.ts'

/** The current activity, and the finished share of the batch. */
export type Report = (note: string, share: number) => void

/** The open networks of a run. */
export interface ImageNetworks {
  readonly pixels: PixelDecoder
  /** Makes the token layers of a batch; reports each stage by name with the finished share of the batch's work. */
  make(batch: readonly ImageJob[], report: Report): Promise<readonly TokenLayers[]>
  /** Encodes finished images again, to compare their discriminative tokens with the original ones. */
  encodeAgain?(images: readonly RgbImage[]): Promise<readonly Int32Array[]>
}

/** A finished image that is not on disk yet. */
export interface MadeImage {
  readonly layers: TokenLayers
  readonly image: RgbImage
  readonly drifted?: Int32Array
}

/** What computes batches: the networks of this process, or a card. */
export interface ImageWorker {
  /** Of a card, whose images go to the others if it fails. */
  readonly card?: string
  compute(batch: readonly ImageJob[], report: Report): Promise<readonly MadeImage[]>
  close(): Promise<void>
}

export async function computeBatch(
  { pixels, make, encodeAgain }: ImageNetworks,
  batch: readonly ImageJob[],
  report: Report,
): Promise<MadeImage[]> {
  const grids = await make(batch, report)
  report('pixels', 1)
  const images = await pixels.decode(
    grids.map((layers) => pictureGrid(layers).tokens),
    batch.map(({ image }) => `image ${image}`),
  )
  if (encodeAgain) report('encoder', 1)
  const drifted = await encodeAgain?.(images)
  return grids.map((layers, i) => ({
    layers,
    image: images[i]!,
    ...(drifted ? { drifted: drifted[i]! } : {}),
  }))
}

export interface ImageQueue {
  /** The next images; none if all are finished. Waits while others may still give some back. */
  take(): Promise<ImageJob[]>
  /** The images of a `take` are on disk. */
  done(): void
  /** They are not: others take them. */
  giveBack(batch: readonly ImageJob[]): void
  /** Images that nobody made. */
  left(): number
}

/** Hands out jobs in order, `size` at a time. */
export function imageQueue(jobs: readonly ImageJob[], size: number): ImageQueue {
  let waiting = [...jobs]
  let out = 0
  let wake: (() => void)[] = []
  const returned = () => {
    out--
    for (const resume of wake) resume()
    wake = []
  }
  return {
    async take() {
      while (waiting.length === 0 && out > 0) await new Promise<void>((resolve) => wake.push(resolve))
      const batch = waiting.splice(0, size)
      if (batch.length > 0) out++
      return batch
    },
    done: returned,
    giveBack(batch) {
      waiting = [...batch, ...waiting]
      returned()
    },
    left: () => waiting.length,
  }
}
