// Compares every PDF in docs/figures, drawn by two independent readers, with the PNG of the same figure. Needs pdftoppm
// (poppler-utils) and mutool (mupdf-tools).
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeImage } from '../../src/engine/images/index.ts'

const FOLDER = 'docs/figures'
const DPI = '300'
/** A pixel that is off by more than this, of 255, counts as different. */
const CLEARLY = 32

const READERS: Readonly<Record<string, (pdf: string, png: string) => void>> = {
  poppler: (pdf, png) =>
    void execFileSync('pdftoppm', ['-r', DPI, '-png', '-singlefile', pdf, png.replace(/\.png$/, '')]),
  mupdf: (pdf, png) =>
    void execFileSync('mutool', ['draw', '-q', '-r', DPI, '-o', png, pdf], { stdio: 'pipe' }),
}

/** Mean difference out of 255, and the percentage of clearly different pixels, over the common area. */
async function compare(a: string, b: string): Promise<[number, number]> {
  const [one, two] = [await decodeImage(a), await decodeImage(b)]
  const [width, height] = [Math.min(one.width, two.width), Math.min(one.height, two.height)]
  // A reader may round the page up by a dot.
  if (Math.abs(one.width - two.width) > 1 || Math.abs(one.height - two.height) > 1)
    throw new Error(`${a} is ${one.width} x ${one.height}, ${b} ${two.width} x ${two.height}`)
  let [sum, clearly] = [0, 0]
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let most = 0
      for (let c = 0; c < 3; c++) {
        const off = Math.abs(one.rgb[(y * one.width + x) * 3 + c]! - two.rgb[(y * two.width + x) * 3 + c]!)
        sum += off
        most = Math.max(most, off)
      }
      if (most > CLEARLY) clearly++
    }
  return [sum / (width * height * 3), (100 * clearly) / (width * height)]
}

const folder = mkdtempSync(join(tmpdir(), 'digit-compare-'))
for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.pdf')))
  for (const [reader, draw] of Object.entries(READERS)) {
    const drawn = join(folder, `${reader}.png`)
    draw(join(FOLDER, file), drawn)
    const [mean, clearly] = await compare(join(FOLDER, file.replace(/pdf$/, 'png')), drawn)
    console.log(
      `${file.padEnd(20)} ${reader.padEnd(8)} mean ${mean.toFixed(2)} of 255, ${clearly.toFixed(2)} % of pixels clearly`,
    )
  }
rmSync(folder, { recursive: true })
