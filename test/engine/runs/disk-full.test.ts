// A disk that really fills: tokenizing, fitting and the atlas say so, keep what they have, and go on once there is room.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodePng } from '../../../src/engine/images/index.ts'
import { openAtlas } from '../../../src/engine/runs/atlas/atlas-read.ts'
import { runAtlas } from '../../../src/engine/runs/atlas/atlas.ts'
import { runKMeans } from '../../../src/engine/runs/kmeans/kmeans.ts'
import { readDatasetRecord } from '../../../src/engine/records/token-dataset.ts'
import { runTokenize } from '../../../src/engine/runs/tokenize.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { OFFICIAL, reference } from '../models/run-graph.ts'
import { SMALL_KMEANS } from './kmeans/small-kmeans.ts'

const folder = temporaryFolder()
const disk = join(folder.path, 'disk')
const pictures = join(folder.path, 'pictures')
const filler = join(disk, 'filler')
const [DISK_BYTES, SIDE] = [4 * 2 ** 20, 256]
const callbacks = { signal: new AbortController().signal, progress: () => {} }

/** A file system of its own, a few megabytes large; only root may mount one. */
function mountDisk(): boolean {
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const mounted = mountDisk()

/** Takes all room but `left` bytes. */
function fill(left: number): void {
  rmSync(filler, { force: true })
  const used = Number(execFileSync('df', ['--output=used', '-B1', disk]).toString().split('\n')[1])
  writeFileSync(filler, Buffer.alloc(DISK_BYTES - used - left))
}

const common = { model: OFFICIAL, device: 'cpu' as const, batchSize: 1, images: [pictures] }
const tokenize = () =>
  runTokenize({ kind: 'tokenize', ...common, weightBits: 32, out: join(disk, 'tokens') }, callbacks)
const fit = () =>
  runKMeans({ kind: 'kmeans', ...common, out: join(disk, 'kmeans'), ...SMALL_KMEANS }, callbacks)
const atlas = () =>
  runAtlas(
    {
      kind: 'atlas',
      model: OFFICIAL,
      device: 'cpu',
      dataset: join(disk, 'tokens'),
      out: join(disk, 'atlas'),
      tokens: 'discriminative',
      umap: false,
      seed: 1,
    },
    callbacks,
  )

describe.skipIf(!mounted)('on a full disk (needs permission to mount one)', () => {
  beforeAll(async () => {
    const images = Uint8Array.from(await reference('image_u8'))
    for (let i = 0; i < 4; i++) {
      const rgb = images.slice(i * SIDE * SIDE * 3, (i + 1) * SIDE * SIDE * 3)
      folder.write(`pictures/${i}.png`, await encodePng({ rgb, width: SIDE, height: SIDE }))
    }
  })
  afterAll(() => execFileSync('umount', ['-l', disk]))

  it.each([
    ['tokenize', tokenize],
    ['kmeans', fit],
    ['atlas', atlas],
  ])('%s reports it and resumes when there is space', async (_, run) => {
    for (const left of [0, 12 * 1024, 20 * 1024]) {
      fill(left)
      await expect(run(), `${left} bytes left`).rejects.toThrow(/cannot write .*disk.*: the disk is full/)
    }
    rmSync(filler)
    await run()
  })

  it('no finished work is lost', async () => {
    expect((await readDatasetRecord(join(disk, 'tokens'))).images).toBe(4)
    expect((await openAtlas(join(disk, 'atlas'))).info.images).toBe(4)
  })
})
