// An ADM batch beyond 4 GB (zip64): written and read back image by image, in a process whose memory is measured.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openFile, openNpzRows, readZip, writeNpzStream } from '../../src/engine/bytes/index.ts'
import { inChild } from './child.ts'
import { digits, megabytes, type Row } from './table.ts'

const SIDE = 256
const IMAGE_BYTES = SIDE * SIDE * 3
/** 4.3 GB; a fiftieth of it for a quick run. */
const IMAGES = 22_000
const ROWS_AT_ONCE = 16
const MAX_BYTES = 300e6

/** Image i, with unique bytes. */
function imageOf(i: number): Uint8Array {
  const bytes = new Uint8Array(IMAGE_BYTES).fill(i % 251)
  bytes[0] = i >> 8
  bytes[1] = i & 255
  return bytes
}

function* images(count: number): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) yield imageOf(i)
}

/** Writes the batch to `path`, reads it again, and throws if an image differs. */
export async function writeAndReadBatch(path: string): Promise<void> {
  const count = path.endsWith('quick.npz') ? IMAGES / 50 : IMAGES
  await writeNpzStream(path, {
    arr_0: { type: 'u8', shape: [count, SIDE, SIDE, 3], bytes: images(count) },
  })
  const source = await openFile(path)
  try {
    const entry = (await readZip(source)).get('arr_0.npy')!
    let at = 0
    for await (const piece of (await openNpzRows(source, entry)).read(ROWS_AT_ONCE))
      for (let from = 0; from < piece.length; from += IMAGE_BYTES, at++) {
        const found = piece.subarray(from, from + IMAGE_BYTES)
        if (Buffer.compare(found, imageOf(at)) !== 0)
          throw new Error(`${path}: image ${at} differs from what was written`)
      }
    if (at !== count) throw new Error(`${path}: wrong number of images (found ${at}, expected ${count})`)
  } finally {
    await source.close()
  }
}

export async function measureBatch(root: string, quick: boolean): Promise<Row> {
  const folder = await mkdtemp(join(root, 'batch-'))
  try {
    const path = join(folder, quick ? 'quick.npz' : 'batch.npz')
    const { ms, peak } = await inChild('batch', path, folder)
    const { size } = await stat(path)
    return {
      name: `ADM batch of ${digits(size / 1e9)} GB`,
      text: `written and read back in ${digits(ms / 1000)} s, memory at most ${megabytes(peak)}`,
      numbers: { ms, peak, size },
      aims: [{ text: `< ${megabytes(MAX_BYTES)}`, holds: peak < MAX_BYTES }],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
