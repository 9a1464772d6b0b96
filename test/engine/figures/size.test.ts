// Large figures: what they take of memory, in a process of their own.
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodePng } from '../../../src/engine/images/index.ts'
import { BUILT } from '../../built.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const SIDE = 256
/** Prints what the process took when it ends. */
const TOLD =
  'data:text/javascript,process.on("exit",()=>console.error("took "+JSON.stringify(process.resourceUsage())))'

/** A picture as hard to compress as a photograph: waves, and noise over them. */
async function picture(seed: number): Promise<Uint8Array> {
  let state = seed + 1
  const rgb = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const [x, y] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)]
    return 128 + 90 * Math.sin((x + seed) / 19) * Math.cos(y / 23) + (state >>> 28)
  })
  return encodePng({ rgb, width: SIDE, height: SIDE })
}

beforeAll(async () => {
  for (let i = 0; i < 25; i++) folder.write(`${i}.png`, Buffer.from(await picture(i)))
})

/** The most memory that the process held, in MB. */
function made(figure: object, formats: string): number {
  const path = folder.write('large.json', JSON.stringify({ schema: 1, ...figure }))
  const words = ['--import', TOLD, BUILT.command, 'figure', path, '--formats', formats, '--force']
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, expect.stringContaining('took ')])
  const { maxRSS } = JSON.parse(stderr.split('took ')[1]!) as { readonly maxRSS: number }
  return maxRSS / 1000
}

/** Every image another file, so that none is read or written once for several. */
const images = (count: number) => Array.from({ length: count }, (_, i) => ({ file: `${i % 25}.png` }))

describe('a large figure', () => {
  it('of 20 x 25 images takes less than 500 MB as PDF', () => {
    for (let i = 25; i < 500; i++) folder.write(`${i}.png`, readFileSync(join(folder.path, `${i % 25}.png`)))
    const all = Array.from({ length: 500 }, (_, i) => ({ file: `${i}.png` }))
    const rows = [[{ kind: 'grid', columns: 25, images: all }]]
    expect(made({ rows }, 'pdf')).toBeLessThan(500)
  })

  it('of 36 megapixels is a complete PNG that another program reads', async () => {
    const rows = [[{ kind: 'grid', columns: 10, images: images(100) }]]
    const megabytes = made({ page: { width: 36 }, dpi: 432, rows }, 'png')
    const path = join(folder.path, 'large.png')
    const { width, height } = await sharp(path, { limitInputPixels: false }).metadata()
    expect(width * height).toBeGreaterThan(36e6)
    expect(statSync(path).size).toBeGreaterThan(4e6)
    // The last row is there: the file was not cut off.
    const row = await sharp(path, { limitInputPixels: false })
      .extract({ left: 0, top: height - 1, width, height: 1 })
      .raw()
      .toBuffer()
    expect(new Set(row).size).toBeGreaterThan(2)
    // It is drawn in bands: twice the pixels would take as much.
    expect(megabytes).toBeLessThan(300)
  })
})
