import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { codecVersion, decodeImage, encodePng } from '../../../src/engine/images/index.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/images')
const names = await readdir(fixtures, { recursive: true })
const files = names
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => names.includes(join(`${name}.rgb`)))
/** Of the pictures of a folder. */
const sizeOf = (name: string) => (/^(bmp|pnm)\//.test(name) ? [19, 7] : [24, 18])

describe('decoding matches PIL open + convert RGB', () => {
  test('the fixtures cover every kind', () => expect(files.length).toBe(62))

  // Exact: both decode with libjpeg-turbo, libpng and libwebp of the same arithmetic.
  test.each(files)('%s', async (name) => {
    const image = await decodeImage(join(fixtures, name))
    const expected = await readFile(join(fixtures, `${name}.rgb`))
    expect([image.width, image.height]).toEqual(sizeOf(name))
    expect(Buffer.compare(image.rgb, expected)).toBe(0)
  })

  const orientations = JSON.parse(readFileSync(join(fixtures, 'orientation.json'), 'utf8')) as Record<
    string,
    { width: number; height: number; sha256: string }
  >
  // PIL turns a TIFF by its tag when it is opened, and leaves other formats as they are stored.
  test.each(Object.entries(orientations))('orientation %s', async (name, expected) => {
    const { rgb, width, height } = await decodeImage(join(fixtures, 'orientation', name))
    expect({ width, height, sha256: createHash('sha256').update(rgb).digest('hex') }).toEqual(expected)
  })

  test('bytes are decoded like files', async () => {
    const path = join(fixtures, 'jpeg/cmyk.jpg')
    expect(await decodeImage(await readFile(path))).toEqual(await decodeImage(path))
  })
})

describe('encoding', () => {
  test('keeps every pixel and gives the same bytes each time', async () => {
    const image = await decodeImage(join(fixtures, 'png/rgb16.png'))
    const png = await encodePng(image)
    expect(await encodePng(image)).toEqual(png)
    expect(await decodeImage(png)).toEqual(image)
  })

  test('refuses pixels that are not height x width x 3', async () => {
    const image = { rgb: new Uint8Array(11), width: 2, height: 2 }
    await expect(encodePng(image)).rejects.toThrow(
      'wrong pixel buffer size (found 11 bytes, expected 2 x 2 x 3)',
    )
  })
})

describe('an unreadable image gives an error with file and cause', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'images-'))
  })

  /** A PNG whose header promises 100000 x 100000 pixels. */
  async function bomb(): Promise<Buffer> {
    const png = await readFile(join(fixtures, 'png/rgb.png'))
    png.writeUInt32BE(100_000, 16)
    png.writeUInt32BE(100_000, 20)
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)
    return png
  }
  /** Run lengths of 28 bytes that skip the lines of a large picture. */
  async function runs(): Promise<Buffer> {
    const bmp = await readFile(join(fixtures, 'bmp/8-bit/rle8-delta.bmp'))
    bmp.writeUInt32LE(65536, 18)
    bmp.writeUInt32LE(1024, 22)
    return bmp
  }
  const cut = async (name: string, share = 0.7): Promise<Buffer> => {
    const bytes = await readFile(join(fixtures, name))
    return bytes.subarray(0, Math.floor(bytes.length * share))
  }

  test.each<[string, () => Promise<Uint8Array> | Uint8Array, RegExp]>([
    ['empty.png', () => new Uint8Array(), /the file is empty/],
    ['text.png', () => Buffer.from('this is not a picture'), /unsupported image format/],
    [
      'pointer.png',
      () => Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
      /found a Git LFS pointer/,
    ],
    ['page.jpg', () => Buffer.from('<html><body>'), /found an HTML page/],
    ['array.png', () => Buffer.from('\x93NUMPY', 'latin1'), /found a NumPy array/],
    ['cut.png', () => cut('png/rgb.png'), /readable image: ./],
    ['cut.jpg', () => cut('jpeg/rgb.jpg'), /readable image: ./],
    ['cut.webp', () => cut('webp/rgb.webp'), /readable image: ./],
    ['cut.gif', () => cut('gif/animated.gif', 0.3), /readable image: ./],
    [
      'header-only.png',
      async () => (await readFile(join(fixtures, 'png/rgb.png'))).subarray(0, 33),
      /readable image: ./,
    ],
    [
      'cut.bmp',
      () => cut('bmp/24-bit/24-bit.bmp'),
      /truncated BMP \(found 277 bytes of pixels, expected 417\)/,
    ],
    ['head.bmp', () => Buffer.from('BM'), /BMP header: unexpected end of data/],
    ['runs.bmp', () => cut('bmp/8-bit/rle8.bmp', 0.95), /truncated BMP/],
    ['bomb.bmp', runs, /BMP too small for 65536 x 1024 pixels \(found \d+ bytes, expected 263173\)/],
    ['cut.ppm', () => cut('pnm/raw.ppm'), /P6: truncated \(found 275 bytes of pixels, expected 399\)/],
    ['cut.pgm', () => cut('pnm/plain.pgm'), /truncated/],
    ['large.pgm', () => Buffer.from('P2 2 1 9\n3 10\n'), /P2: value too large \(found 10, maximum 9\)/],
    ['letters.ppm', () => Buffer.from('P6 x 1 255\n'), /not a number \(found "x"\)/],
    ['bomb.ppm', () => Buffer.from('P6 100000 100000 255\n'), /image too large \(100000 x 100000 pixels/],
    ['nothing.pgm', () => Buffer.from('P5 0 9 255\n'), /invalid image size \(found 0 x 9\)/],
    ['bomb.png', bomb, /image too large \(100000 x 100000 pixels, maximum 178956970 in total\)/],
    [
      'drawing.svg',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      /unsupported/,
    ],
  ])('%s', async (name, make, cause) => {
    const path = join(folder, name)
    await writeFile(path, await make())
    const error = await decodeImage(path).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    )
    expect(error?.name).toBe('FormatError')
    expect(error?.message.startsWith(`${path}: not a readable image: `)).toBe(true)
    expect(error?.message).toMatch(cause)
  })

  test('a missing file, a folder', async () => {
    await expect(decodeImage(join(folder, 'none.png'))).rejects.toThrow(
      /none\.png: not a readable image: no such file/,
    )
    await expect(decodeImage(folder)).rejects.toThrow(/not a regular file/)
  })
})

test('the version of the codec is available for the record of a run', async () =>
  expect(await codecVersion()).toBe('0.35.5'))
