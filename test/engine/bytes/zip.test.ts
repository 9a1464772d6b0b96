// The directory of good archives in every form, and a refusal for each way in which one can be ambiguous.
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { bytesSource, type Source } from '../../../src/engine/bytes/source.ts'
import { readEntry, readZip } from '../../../src/engine/bytes/zip.ts'
import { FormatError } from '../../../src/shared/errors.ts'
import { craftZip, type CraftedEntry } from './craft-zip.ts'

const a: CraftedEntry = { name: 'a', data: Buffer.from('first') }
const b: CraftedEntry = { name: 'folder/b', data: Buffer.from('second') }

const read = (entries: CraftedEntry[], options = {}) =>
  readZip(bytesSource('x.zip', craftZip(entries, options)))

describe('good archives', () => {
  test.each([false, true])('stored entries point at their bytes (zip64: %s)', async (zip64) => {
    const bytes = craftZip([a, b], { zip64 })
    const entries = await readZip(bytesSource('x.zip', bytes))
    const texts = [...entries.values()].map(({ name, start, size }) => [
      name,
      Buffer.from(bytes.slice(start, start + size)).toString(),
    ])
    expect(texts).toEqual([
      ['a', 'first'],
      ['folder/b', 'second'],
    ])
  })

  test('sizes are read after the data, where torch writes them', async () => {
    const entries = await read([{ ...a, flags: 0x808, local: { size: 0, fullSize: 0 } }])
    expect(entries.get('a')).toMatchObject({ size: 5, stored: true })
  })

  test('compressed entries are marked, and read within a limit', async () => {
    const text = Buffer.from('x'.repeat(1000))
    const data = deflateRawSync(text)
    const sizes = { fullSize: text.length }
    const source = bytesSource(
      'x.zip',
      craftZip([{ name: 'a', data, method: 8, local: sizes, central: sizes }]),
    )
    const entry = (await readZip(source)).get('a')!
    expect(entry).toMatchObject({ stored: false, size: data.length, fullSize: 1000 })
    expect(Buffer.from(await readEntry(source, entry))).toEqual(text)
    await expect(readEntry(source, entry, 999)).rejects.toThrow(
      'entry too large (found 1000 bytes, maximum 999)',
    )
  })

  test('of an archive of 6 GB, only headers are read', async () => {
    const size = 3 * 2 ** 31
    const far = 5 * 2 ** 30
    const bytes = craftZip([{ ...a, central: { offset: far } }], { zip64: true })
    const body = 30 + 1 + 20 + 5
    const [head, tail] = [bytes.subarray(0, body), Buffer.from(bytes.subarray(body))]
    const tailStart = size - tail.length
    // The end records count from the start of the file: move them with the directory.
    const shift = BigInt(tailStart - body)
    const end = tail.indexOf(Buffer.from('504b0606', 'hex'))
    tail.writeBigUInt64LE(tail.readBigUInt64LE(end + 48) + shift, end + 48)
    tail.writeBigUInt64LE(tail.readBigUInt64LE(end + 56 + 8) + shift, end + 56 + 8)
    let count = 0
    const sparse: Source = {
      name: 'big.zip',
      size,
      async read(start, stop) {
        count += stop - start
        const result = Buffer.alloc(stop - start)
        for (const [part, at] of [
          [head, far],
          [tail, tailStart],
        ] as const)
          for (let i = Math.max(start, at); i < Math.min(stop, at + part.length); i++)
            result[i - start] = part[i - at]!
        return result
      },
      close: async () => {},
    }
    expect((await readZip(sparse)).get('a')).toMatchObject({ start: far + 51, size: 5 })
    expect(count).toBeLessThan(100_000)
  })
})

describe('refused', () => {
  const deflated = deflateRawSync(Buffer.from('x'.repeat(50)))
  const cases: [string, CraftedEntry[], object, string][] = [
    ['duplicate names', [a, a], {}, 'entry a: duplicate entry name'],
    [
      'overlapping entries',
      [a, { ...b, central: { offset: 0 } }],
      {},
      'name differs: "a" in the local header',
    ],
    [
      'one entry inside another',
      [
        { name: 'a', data: craftZip([b]) },
        { ...b, central: { offset: 31 }, local: {} },
      ],
      {},
      'overlap at byte 31',
    ],
    [
      'another name in the local header',
      [{ ...a, local: { name: 'z' } }],
      {},
      '"z" in the local header, "a"',
    ],
    [
      'another size in the local header',
      [{ ...a, local: { size: 4 } }],
      {},
      'size differs: 4 in the local header, 5',
    ],
    [
      'another method in the local header',
      [{ ...a, local: { method: 8 } }],
      {},
      'entry a: compression differs: 8 in the local header, 0 in the central directory',
    ],
    [
      'an unknown method',
      [{ ...a, method: 99 }],
      {},
      'entry a: unsupported compression method (found 99, expected 0 (stored) or 8 (deflate))',
    ],
    ['encryption', [{ ...a, flags: 1 }], {}, 'x.zip'],
    [
      'data beyond the file',
      [{ ...a, central: { size: 9999, fullSize: 9999 } }],
      {},
      'overflows file bounds',
    ],
    ['an offset beyond the file', [{ ...a, central: { offset: 99999 } }], {}, 'bytes 99999'],
    ['more entries than there are', [a], { count: 7 }, 'x.zip'],
    [
      'a huge number of entries',
      [a],
      { count: 2 ** 40, zip64: true },
      'too many zip entries (found 1099511627776, maximum 200000)',
    ],
    ['a path upwards', [{ ...a, name: '../a' }], {}, 'invalid relative path'],
  ]
  test.each(cases)('%s', async (_, entries, options, message) => {
    const error = await read(entries, options).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(FormatError)
    expect(String(error)).toContain(message)
  })

  test('an entry that inflates to more or less than its size', async () => {
    for (const fullSize of [10, 60]) {
      const sizes = { fullSize }
      const entry = { name: 'a', data: deflated, method: 8, local: sizes, central: sizes }
      const source = bytesSource('x.zip', craftZip([entry]))
      await expect(readEntry(source, (await readZip(source)).get('a')!)).rejects.toThrow(FormatError)
    }
  })

  test('every truncation', async () => {
    const bytes = craftZip([a, b], { zip64: true })
    for (let size = 0; size < bytes.length; size++)
      await expect(readZip(bytesSource('x.zip', bytes.subarray(0, size)))).rejects.toThrow(FormatError)
  })
})
