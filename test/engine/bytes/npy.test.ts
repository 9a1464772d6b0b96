// Arrays as numpy wrote them, and our own files read back.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeNpy, readNpy } from '../../../src/engine/bytes/npy.ts'
import { readNpz, writeNpz } from '../../../src/engine/bytes/npz.ts'
import { bytesSource, openFile } from '../../../src/engine/bytes/source.ts'
import { readZip } from '../../../src/engine/bytes/zip.ts'
import { FormatError } from '../../../src/shared/errors.ts'
import { fixture, reference, valuesOf } from '../checkpoint/reference.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'npy-'))))
afterAll(() => rm(folder, { recursive: true }))

async function readFixture(name: string) {
  return readNpy(bytesSource(name, await readFile(fixture(name))))
}

test.each(['arrays.npz', 'arrays-compressed.npz'])('reads every array of %s', async (name) => {
  const source = await openFile(fixture(name))
  const arrays = await readNpz(source)
  await source.close()
  expect([...arrays.keys()].sort()).toEqual(Object.keys(reference.arrays).sort())
  for (const [key, { type, shape, data }] of arrays) {
    expect(shape, key).toEqual(reference.arrays[key]!.shape)
    expect(Array.from<unknown>(data), key).toEqual(valuesOf(reference.arrays[key]!.values, type))
  }
})

test('reads Fortran order and header version 2', async () => {
  const { data, shape } = await readFixture('fortran.npy')
  expect(shape).toEqual([2, 3, 4])
  expect([...data]).toEqual(Array.from({ length: 24 }, (_, i) => i))
  expect([...(await readFixture('version2.npy')).data]).toEqual([0, 1, 2, 3, 4])
})

test.each([
  ['big-endian.npy', "'>f4'"],
  ['object.npy', "'|O'"],
  ['record.npy', 'does not describe a plain array'],
])('%s is refused', async (name, message) => {
  const error = await readFixture(name).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(FormatError)
  expect(String(error)).toContain(message)
})

test('every truncation is refused', async () => {
  const bytes = await readFile(fixture('fortran.npy'))
  for (let size = 0; size < bytes.length; size++)
    await expect(readNpy(bytesSource('x', bytes.subarray(0, size)))).rejects.toThrow(FormatError)
})

test.each([
  ['(1e9,)'],
  ['(-1,)'],
  ['(4294967296, 4294967296)'],
  ['(0, 9007199254740993)'],
  ['(1099511627776,)'],
])('shape %s is refused', async (shape) => {
  const bytes = Buffer.from(encodeNpy({ data: new Float32Array(4), shape: [1, 1, 1, 4] }))
  const at = bytes.indexOf('(1, 1, 1, 4)')
  bytes.write(shape.padEnd(60).slice(0, Math.min(60, 127 - at)), at)
  await expect(readNpy(bytesSource('x', bytes))).rejects.toThrow(FormatError)
})

describe('writing', () => {
  const arrays = {
    f4: { data: new Float32Array([1.5, -2, 0, 4, 5, 6]), shape: [2, 3] },
    f8: { data: new Float64Array([Math.PI]) },
    i8: { data: new BigInt64Array([-(2n ** 63n)]), shape: [] },
    u2: { data: new Uint16Array([65535, 0]), shape: [2, 1, 1] },
    u1: { data: new Uint8Array(0), shape: [0, 4] },
  }

  test('arrays read back equal, in the given order', async () => {
    const path = join(folder, 'a.npz')
    await writeNpz(path, arrays)
    const source = await openFile(path)
    const found = await readNpz(source)
    expect([...found.keys()]).toEqual(Object.keys(arrays))
    for (const [name, { data, shape }] of found) {
      const written = arrays[name as keyof typeof arrays]
      expect(data).toEqual(written.data)
      expect(shape).toEqual('shape' in written ? written.shape : [written.data.length])
    }
    expect([...(await readZip(source)).values()].every(({ stored }) => stored)).toBe(true)
    await source.close()
  })

  test('equal arrays give equal bytes at any time and in any time zone', async () => {
    const zone = process.env['TZ']
    await writeNpz(join(folder, 'b.npz'), arrays)
    process.env['TZ'] = 'Asia/Tokyo'
    await writeNpz(join(folder, 'c.npz'), arrays)
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
    expect(await readFile(join(folder, 'b.npz'))).toEqual(await readFile(join(folder, 'c.npz')))
  })

  test('an .npy has the bytes that NumPy writes', async () => {
    const bytes = encodeNpy({ data: new Int32Array([0, 1, 2, 3, 4]) })
    const source = await openFile(fixture('arrays.npz'))
    const line = (await readZip(source)).get('line.npy')!
    expect(Buffer.from(bytes)).toEqual(Buffer.from(await source.read(line.start, line.start + line.size)))
    await source.close()
  })

  test('refuses values that do not fill the shape', () => {
    expect(() => encodeNpy({ data: new Float32Array(3), shape: [2, 2] })).toThrow(
      '3 values do not fill shape [2,2]',
    )
  })
})
