import { DIGIT_GRID } from '../../../../src/shared/grid/layout.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeParquet } from '../../../../src/engine/bytes/index.ts'
import { readTokenColumns } from '../../../../src/engine/tokens/dataset/columns.ts'
import { type TokenRow } from '../../../../src/engine/tokens/dataset/rows.ts'
import {
  openTokenWriter,
  readTokenShards,
  SHARD_IMAGES,
  tokenShards,
} from '../../../../src/engine/tokens/dataset/shards.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { mkdirSync } from 'node:fs'

const folder = temporaryFolder()
const newFolder = (name: string) => {
  const path = join(folder.path, name)
  mkdirSync(path)
  return path
}
const cells = (of: (i: number) => number) => Array.from({ length: DIGIT_GRID.cells }, (_, i) => of(i))
const row = (image: number): TokenRow => ({
  path: `c/${image}.png`,
  sha256: `${image}`,
  stamp: `s${image}`,
  class: image % 3,
  discriminative: {
    tokens: cells((i) => (i * image) % 50),
    distances: cells((i) => Math.fround(i / (image + 1))),
  },
})
const rowsOf = async (path: string) => {
  const rows: TokenRow[] = []
  for await (const some of readTokenShards(path, { grids: ['discriminative', 'codes'] })) rows.push(...some)
  return rows
}

describe('a token data set on disk', () => {
  it('returns rows across files and sessions, in order', async () => {
    const path = newFolder('rows')
    const rows = Array.from({ length: SHARD_IMAGES + 20 }, (_, i) => row(i))
    for (const part of [rows.slice(0, 10), rows.slice(10)]) {
      const writer = await openTokenWriter(path)
      await writer.add(part)
      await writer.flush()
    }
    expect((await tokenShards(path)).length).toBe(3)
    expect(await rowsOf(path)).toEqual(rows)
  })

  it('refuses distances that are not numbers, by column and row', async () => {
    const path = newFolder('not-a-number')
    const writer = await openTokenWriter(path)
    const bad = { tokens: cells(() => 1), distances: cells((i) => (i === 3 ? NaN : 0)) }
    await writer.add([row(0), { ...row(1), discriminative: bad }])
    await writer.flush()
    await expect(rowsOf(path)).rejects.toThrow(
      "000000.parquet: column 'discriminative_distance', row 1: not a finite number (found NaN)",
    )
  })

  it.each([
    [
      'another number of distances than of tokens',
      { codes: { tokens: cells(() => 1), distances: [0, 0, 0, 0] } },
      "columns of 'codes', row 1: different lengths (found 4, expected 256)",
    ],
    [
      'a scale of another size',
      { codes: { tokens: [1] }, scales: { scale_1: { tokens: [1] }, scale_3: { tokens: [1, 2, 3, 4] } } },
      "column 'scale_3', row 1: wrong number of tokens (found 4, expected 9)",
    ],
    [
      'rows without one of the scales',
      { codes: { tokens: [1] }, scales: { scale_1: { tokens: [1] } } },
      "column 'scale_3', row 1: wrong number of tokens (found 0, expected 9)",
    ],
  ])('refuses %s', async (name, bad, problem) => {
    const path = newFolder(name)
    const writer = await openTokenWriter(path)
    const nine = cells((i) => i).slice(0, 9)
    const scales = { scale_1: { tokens: [1] }, scale_3: { tokens: nine } }
    await writer.add([{ codes: { tokens: nine }, ...('scales' in bad ? { scales } : {}) }, bad])
    await writer.flush()
    await expect(rowsOf(path)).rejects.toThrow(`000000.parquet: ${problem}`)
  })

  it('keeps sampled rows that have only codes, without picture or class', async () => {
    const path = newFolder('drawn')
    const rows: TokenRow[] = [{ codes: { tokens: cells((i) => i), logProbabilities: cells((i) => -i) } }]
    const writer = await openTokenWriter(path)
    await writer.add(rows)
    await writer.flush()
    expect(await rowsOf(path)).toEqual(rows)
    await expect(readTokenColumns(path, 'discriminative', 512)).rejects.toThrow(
      'image 0 has no discriminative tokens',
    )
    await expect(readTokenColumns(path, 'codes', 255)).rejects.toThrow(
      "000000.parquet: column 'codes': token out of range (found 255, the codebook has 255 entries)",
    )
    const { tokens, classes, distances, paths } = await readTokenColumns(path, 'codes', 256)
    expect([[...tokens], [...classes], distances, paths]).toEqual([cells((i) => i), [-1], undefined, ['']])
  })

  it('has flat columns with the rows in sequence', async () => {
    const path = newFolder('columns')
    const rows = Array.from({ length: SHARD_IMAGES + 3 }, (_, i) => row(i))
    const writer = await openTokenWriter(path)
    await writer.add(rows)
    await writer.flush()
    const columns = await readTokenColumns(path, 'discriminative', 50)
    expect([...columns.tokens]).toEqual(rows.flatMap((r) => Array.from(r.discriminative!.tokens)))
    expect([...columns.distances!]).toEqual(rows.flatMap((r) => Array.from(r.discriminative!.distances!)))
    expect([...columns.classes]).toEqual(rows.map((r) => r.class))
    expect(columns.paths).toEqual(rows.map((r) => r.path))
  })

  it('reports invalid values with file, column and row', async () => {
    const path = newFolder('bad')
    const column = (tokens: readonly number[]) =>
      encodeParquet([
        { name: 'path', kind: 'string', values: [null] },
        { name: 'sha256', kind: 'string', values: [null] },
        { name: 'stamp', kind: 'string', values: [null] },
        { name: 'class', kind: 'i32', values: [null] },
        { name: 'codes', kind: 'i32 list', values: [tokens] },
        { name: 'codes_distance', kind: 'f32 list', values: [null] },
        { name: 'codes_log_probability', kind: 'f32 list', values: [null] },
      ])
    mkdirSync(join(path, 'tokens'))
    await writeFile(join(path, 'tokens/000000.parquet'), column([1, 2, 3]))
    await expect(readTokenColumns(path, 'codes', 9)).rejects.toThrow(
      "000000.parquet: column 'codes', row 0: wrong type (expected numbers of a square grid)",
    )
    await expect(readTokenColumns(join(path, 'none'), 'codes', 9)).rejects.toThrow('contains no tokens')
    await expect(readTokenColumns(newFolder('empty'), 'codes', 9)).rejects.toThrow('contains no tokens')
  })
})
