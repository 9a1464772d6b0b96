// Large figures: what they take of the processor and of memory, in a process of their own.
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

interface Took {
  readonly userCPUTime: number
  readonly systemCPUTime: number
  /** kB. */
  readonly maxRSS: number
}

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

function made(figure: object, formats: string): Took {
  const path = folder.write('large.json', JSON.stringify({ schema: 1, ...figure }))
  const words = ['--import', TOLD, BUILT.command, 'figure', path, '--formats', formats, '--force']
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, expect.stringContaining('took ')])
  return JSON.parse(stderr.split('took ')[1]!) as Took
}

/** Every image another file, so that none is read or written once for several. */
const images = (count: number) => Array.from({ length: count }, (_, i) => ({ file: `${i % 25}.png` }))

describe('a large figure', () => {
  it('of 20 x 25 images takes less than 10 s of processor time and 500 MB, as PDF and as PNG', async () => {
    for (let i = 25; i < 500; i++) folder.write(`${i}.png`, readFileSync(join(folder.path, `${i % 25}.png`)))
    const all = Array.from({ length: 500 }, (_, i) => ({ file: `${i}.png` }))
    const rows = [[{ kind: 'grid', columns: 25, images: all }]]
    for (const format of ['pdf', 'png']) {
      const { userCPUTime, systemCPUTime, maxRSS } = made({ rows }, format)
      console.log(
        `${format}: ${((userCPUTime + systemCPUTime) / 1e6).toFixed(1)} s, ${Math.round(maxRSS / 1000)} MB`,
      )
      expect((userCPUTime + systemCPUTime) / 1e6).toBeLessThan(10)
      expect(maxRSS / 1000).toBeLessThan(500)
    }
  })

  it('of 100 megapixels is a complete PNG that another program reads', async () => {
    const rows = [[{ kind: 'grid', columns: 10, images: images(100) }]]
    const { maxRSS } = made({ page: { width: 36 }, dpi: 720, rows }, 'png')
    console.log(`100 megapixels: ${Math.round(maxRSS / 1000)} MB`)
    const path = join(folder.path, 'large.png')
    const { width, height } = await sharp(path, { limitInputPixels: false }).metadata()
    expect(width * height).toBeGreaterThan(100e6)
    expect(statSync(path).size).toBeGreaterThan(10e6)
    // The last row is there: the file was not cut off.
    const row = await sharp(path, { limitInputPixels: false })
      .extract({ left: 0, top: height - 1, width, height: 1 })
      .raw()
      .toBuffer()
    expect(new Set(row).size).toBeGreaterThan(2)
    expect(maxRSS / 1000).toBeLessThan(500)
  })
})
