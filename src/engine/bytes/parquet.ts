// Columns <-> Parquet, a table for pandas, pyarrow and DuckDB. https://parquet.apache.org/docs/file-format/
import { parquetMetadataAsync, parquetRead, type SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { FormatError } from '../../shared/errors.ts'
import { contentOf, TABLE } from './content.ts'
import type { Source } from './source.ts'

/** Types of the cells of each kind of column; any cell may be null. */
interface Cells {
  readonly string: string
  readonly i32: number
  readonly 'i32 list': ArrayLike<number>
  readonly 'f32 list': ArrayLike<number>
}
export type ColumnKind = keyof Cells

export type ParquetColumn = {
  readonly [Kind in ColumnKind]: {
    readonly name: string
    readonly kind: Kind
    readonly values: readonly (Cells[Kind] | null)[]
  }
}[ColumnKind]

const isList = (kind: ColumnKind) => kind === 'i32 list' || kind === 'f32 list'

/** The bytes of a Parquet file: Snappy, plain lists of required elements, columns in the given order. */
export function encodeParquet(columns: readonly ParquetColumn[]): Uint8Array {
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap(({ name, kind }) => elementsOf(name, kind)),
  ]
  const columnData = columns.map(({ name, kind, values }) => ({
    name,
    // The writer accepts lists only as plain arrays.
    data: isList(kind)
      ? values.map((list) => (list === null ? null : Array.from(list as ArrayLike<number>)))
      : [...values],
    statistics: !isList(kind),
  }))
  return new Uint8Array(
    parquetWriteBuffer({ schema, columnData, createdBy: 'digit-workbench', rowGroupSize: 2 ** 16 }),
  )
}

function elementsOf(name: string, kind: ColumnKind): SchemaElement[] {
  if (kind === 'string')
    return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }]
  if (kind === 'i32') return [{ name, type: 'INT32', repetition_type: 'OPTIONAL' }]
  return [
    { name, converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type: kind === 'f32 list' ? 'FLOAT' : 'INT32', repetition_type: 'REQUIRED' },
  ]
}

/**
 * The named columns, or those that a function chooses among the file's, one value per row; lists are plain arrays, missing
 * values null or undefined. The caller must check
 * the values. Throws FormatError if the file is not Parquet, is damaged, or lacks a column.
 */
export async function readParquet(
  source: Source,
  columns: readonly string[] | ((there: readonly string[]) => readonly string[]),
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const file = {
    byteLength: source.size,
    async slice(start: number, end: number = source.size) {
      const bytes = await source.read(start < 0 ? source.size + start : start, Math.min(end, source.size))
      return bytes.buffer as ArrayBuffer
    },
  }
  const values = new Map<string, unknown[]>()
  try {
    const metadata = await parquetMetadataAsync(file)
    const there = new Set(metadata.schema.map(({ name }) => name))
    const wanted = typeof columns === 'function' ? columns([...there]) : columns
    const missing = wanted.find((name) => !there.has(name))
    if (missing !== undefined) throw new Error(`column '${missing}': missing`)
    for (const name of wanted) values.set(name, [])
    await parquetRead({
      file,
      metadata,
      columns: [...wanted],
      onChunk({ columnName, columnData }) {
        const column = values.get(columnName)!
        for (let i = 0; i < columnData.length; i++) column.push(columnData[i])
      },
    })
  } catch (error) {
    const content = await contentOf(source)
    const reason = content === TABLE ? (error as Error).message : `found ${content}`
    throw new FormatError(source.name, `not a readable Parquet file (${reason})`)
  }
  return values
}
