import { describe, expect, it } from 'vitest'
import {
  bytesSource,
  encodeParquet,
  readParquet,
  type ParquetColumn,
} from '../../../src/engine/bytes/index.ts'
import { FormatError } from '../../../src/shared/errors.ts'

const COLUMNS: readonly ParquetColumn[] = [
  { name: 'path', kind: 'string', values: ['a/é.png', null, 'c'] },
  { name: 'class', kind: 'i32', values: [0, null, -7] },
  { name: 'tokens', kind: 'i32 list', values: [Int32Array.of(1, 2 ** 31 - 1), null, []] },
  { name: 'distance', kind: 'f32 list', values: [Float32Array.of(0.1, 1e30), [], null] },
]
const bytes = encodeParquet(COLUMNS)
const file = (content: Uint8Array) => bytesSource('x.parquet', content)

describe('Parquet', () => {
  it('reads back what was written, and keeps nulls and empty lists apart', async () => {
    const names = COLUMNS.map(({ name }) => name)
    const read = await readParquet(file(bytes), names)
    expect([...read].map(([name, values]) => [name, values.map((value) => value ?? null)])).toEqual([
      ['path', ['a/é.png', null, 'c']],
      ['class', [0, null, -7]],
      ['tokens', [[1, 2 ** 31 - 1], null, []]],
      ['distance', [[Math.fround(0.1), Math.fround(1e30)], [], null]],
    ])
  })

  it('reads only the requested columns', async () => {
    expect([...(await readParquet(file(bytes), ['class'])).keys()]).toEqual(['class'])
  })

  it('refuses a missing column, a damaged file and another format', async () => {
    await expect(readParquet(file(bytes), ['klass'])).rejects.toThrow(
      "x.parquet: not a readable Parquet file (column 'klass': missing)",
    )
    const broken = [
      bytes.subarray(0, bytes.length - 9),
      new Uint8Array(50),
      new Uint8Array(0),
      bytes.map((byte, i) => (i > 40 && i < bytes.length - 8 ? 255 - byte : byte)),
    ]
    for (const content of broken)
      await expect(readParquet(file(content), ['tokens'])).rejects.toThrow(FormatError)
  })
})
