// Archives written and read as rows: the same arrays as by the whole-file writer, with NumPy as a witness where it is.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import yazl from 'yazl'
import {
  bytesSource,
  encodeNpy,
  openFile,
  openNpzRows,
  readNpz,
  readZip,
  writeNpz,
  writeNpzStream,
} from '../../../src/engine/bytes/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const IMAGES = 7
const SHAPE = [IMAGES, 4, 5, 3]
const ROW = 60
const pixels = Uint8Array.from({ length: IMAGES * ROW }, (_, i) => (i * 37) % 256)
const labels = BigInt64Array.from({ length: IMAGES }, (_, i) => BigInt(i * i))

const write = (path: string, piece: number) =>
  writeNpzStream(path, {
    arr_0: {
      type: 'u8',
      shape: SHAPE,
      bytes: Array.from({ length: Math.ceil(pixels.length / piece) }, (_, i) =>
        pixels.slice(i * piece, (i + 1) * piece),
      ),
    },
    arr_1: { type: 'i64', shape: [IMAGES], bytes: [new Uint8Array(labels.buffer)] },
  })

async function rowsOf(path: string, name: string, atOnce: number, from = 0): Promise<Uint8Array[]> {
  const source = await openFile(path)
  try {
    const array = await openNpzRows(source, (await readZip(source)).get(name)!)
    const pieces: Uint8Array[] = []
    for await (const piece of array.read(atOnce, from)) pieces.push(piece)
    return pieces
  } finally {
    await source.close()
  }
}

test('pieces of any size give the same bytes', async () => {
  const paths = [1, 59, 60, 1000].map((piece) => join(folder.path, `pieces-${piece}.npz`))
  for (const [i, piece] of [1, 59, 60, 1000].entries()) await write(paths[i]!, piece)
  const [first, ...others] = paths.map((path) => readFileSync(path))
  for (const other of others) expect(other.equals(first!)).toBe(true)
})

test('the other reader reads the whole archive', async () => {
  const path = join(folder.path, 'whole.npz')
  await write(path, 60)
  const source = await openFile(path)
  const arrays = await readNpz(source)
  await source.close()
  expect(arrays.get('arr_0')).toEqual({ type: 'u8', shape: SHAPE, data: pixels })
  expect(arrays.get('arr_1')).toEqual({ type: 'i64', shape: [IMAGES], data: labels })
})

describe.each(['stored', 'deflated'])('rows of a %s archive', (how) => {
  const path = join(folder.path, `${how}.npz`)
  test('are read a few at a time, from any row', async () => {
    if (how === 'stored') await writeNpz(path, { arr_0: { data: pixels, shape: SHAPE } })
    else await writeDeflated(path)
    for (const [atOnce, from] of [
      [1, 0],
      [3, 0],
      [3, 5],
      [100, 1],
      [2, 7],
    ] as const) {
      const pieces = await rowsOf(path, 'arr_0.npy', atOnce, from)
      expect(pieces.map(({ length }) => length)).toEqual(
        Array.from({ length: Math.ceil((IMAGES - from) / atOnce) }, (_, i) =>
          Math.min(atOnce * ROW, (IMAGES - from - i * atOnce) * ROW),
        ),
      )
      expect(Buffer.concat(pieces).equals(pixels.subarray(from * ROW))).toBe(true)
    }
  })

  test('are refused if the file is cut off', async () => {
    const bytes = readFileSync(path)
    writeFileSync(join(folder.path, 'cut.npz'), bytes.subarray(0, bytes.length - 150))
    await expect(rowsOf(join(folder.path, 'cut.npz'), 'arr_0.npy', 1)).rejects.toThrow(/cut\.npz: /)
  })
})

test('too few bytes for the shape are refused, and no file is written', async () => {
  const path = join(folder.path, 'short.npz')
  const short = { type: 'u8', shape: [2, 3], bytes: [new Uint8Array(5)] } as const
  await expect(writeNpzStream(path, { arr_0: short })).rejects.toThrow(/bytes/)
  expect(() => readFileSync(path)).toThrow('ENOENT')
})

test('an error of the data source reaches the caller also while the writer waits for more', async () => {
  let ended = false
  async function* late() {
    try {
      yield new Uint8Array(2 ** 20)
      await new Promise((resolve) => setTimeout(resolve, 20))
      throw new Error('the next picture has another size')
    } finally {
      ended = true
    }
  }
  const path = join(folder.path, 'late.npz')
  const arrays = { arr_0: { type: 'u8', shape: [2, 2 ** 20], bytes: late() } } as const
  await expect(writeNpzStream(path, arrays)).rejects.toThrow('the next picture has another size')
  expect(ended).toBe(true)
  expect(() => readFileSync(path)).toThrow('ENOENT')
})

test('an error of the data source reaches the caller', async () => {
  async function* broken() {
    yield new Uint8Array(3)
    throw new Error('the picture is gone')
  }
  const path = join(folder.path, 'broken.npz')
  const attempt = writeNpzStream(path, { arr_0: { type: 'u8', shape: [2, 3], bytes: broken() } })
  await expect(attempt).rejects.toThrow('the picture is gone')
})

test('Fortran order and scalars have no rows', async () => {
  const fortran = encodeNpy({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] })
  const text = Buffer.from(fortran).toString('latin1').replace('False', 'True ')
  const scalar = encodeNpy({ data: Float32Array.of(1), shape: [] })
  for (const bytes of [Buffer.from(text, 'latin1'), scalar]) {
    const source = bytesSource('a.npz', new Uint8Array(bytes))
    const entry = { name: 'x.npy', stored: true, start: 0, size: bytes.length, fullSize: bytes.length }
    await expect(openNpzRows(source, entry)).rejects.toThrow('not an array of rows in C order')
  }
})

test('NumPy reads the archive', async ({ skip }) => {
  try {
    execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' })
  } catch {
    skip('Python with NumPy is not installed')
  }
  const path = join(folder.path, 'numpy.npz')
  await write(path, 60)
  const script = `import numpy, sys
z = numpy.load(sys.argv[1])
print(z["arr_0"].dtype, z["arr_0"].shape, int(z["arr_0"].astype(int).sum()), z["arr_1"].tolist())`
  const told = execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }).trim()
  const sum = pixels.reduce((a, b) => a + b, 0)
  expect(told).toBe(`uint8 (${SHAPE.join(', ')}) ${sum} [${labels.join(', ')}]`)
})

function writeDeflated(path: string): Promise<void> {
  const zip = new yazl.ZipFile()
  zip.addBuffer(Buffer.from(encodeNpy({ data: pixels, shape: SHAPE })), 'arr_0.npy', { compress: true })
  zip.end()
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    zip.outputStream.on('data', (part: Buffer) => parts.push(part)).on('error', reject)
    zip.outputStream.on('end', () => {
      writeFileSync(path, Buffer.concat(parts))
      resolve()
    })
  })
}
