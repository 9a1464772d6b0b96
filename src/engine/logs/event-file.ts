// A TensorBoard event file -> the scalars in it, by tag. TFRecord frames around Event messages:
//   u64 length | u32 masked CRC-32C of it | data | u32 masked CRC-32C of the data   (tensorboardX/record_writer.py)
//   Event: 2 step, 3 file_version, 5 summary, 7 session_log (1 status)   (event.proto)
//   Summary.value = 1: 1 tag, 2 simple_value, 8 tensor   (summary.proto)
import { FormatError } from '../../shared/errors.ts'
import type { LogContents } from '../../shared/evaluation/training-logs.ts'
import type { Source } from '../bytes/index.ts'
import { maskedCrc32c } from './crc32c.ts'
import { fieldsOf, type Field } from './protobuf-fields.ts'
import { seriesTable, type SeriesTable } from './series.ts'

/** Records can contain images. A larger record contains no scalar and is skipped. */
const MOST_RECORD = 2 ** 26
const HEADER = 12
const FOOTER = 4
const WINDOW = 2 ** 22
/** Element types of a tensor: DT_FLOAT, DT_DOUBLE (tensorflow/core/framework/types.proto). */
/** SessionLog.START: the run was started again at the event's step. */
const START = 1n
const [DT_FLOAT, DT_DOUBLE] = [1n, 2n]

/**
 * Joins the event files of one run in the order of their names, which start with their time, so that a resumed run
 * continues the earlier one. As in TensorBoard (event_accumulator.py), a start event drops the values from its step on,
 * and a file is read up to its first damaged record. A truncated last record belongs to a run that is still writing.
 * Throws FormatError if none of the files is an event file; otherwise notes list those that are not.
 */
export async function readEventFiles(sources: readonly Source[]): Promise<LogContents> {
  const table = seriesTable(sources[0]?.name ?? 'no file')
  const notes: string[] = []
  const failures: FormatError[] = []
  for (const source of sources)
    try {
      await readInto(table, source, notes)
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      failures.push(error)
      notes.push(`${error.message}; the rest of this file was left out`)
    }
  if (failures.length === sources.length) throw failures[0] ?? new FormatError('log', 'no file')
  return { series: table.series(), notes }
}

async function readInto(table: SeriesTable, source: Source, notes: string[]): Promise<void> {
  const note = (problem: string) => notes.push(`${source.name}: ${problem}`)
  for await (const { data, at } of records(source, note)) {
    const place = `${source.name}: record at byte ${at}`
    let step = 0
    for (const field of fieldsOf(data, place)) {
      if (field.number === 2 && field.integer !== undefined) step = Number(BigInt.asIntN(64, field.integer))
      else if (field.number === 3 && field.bytes && at === 0) checkVersion(source.name, field.bytes)
      else if (field.number === 5 && field.bytes)
        for (const { tag, value } of scalars(field.bytes, place)) table.add(tag, step, value)
      else if (field.number === 7 && field.bytes && isStart(field.bytes, place)) {
        const dropped = table.purge(step)
        if (dropped > 0)
          note(`the run was started again at step ${step}; ${dropped} values from there on were left out`)
      }
    }
  }
}

function isStart(sessionLog: Uint8Array, place: string): boolean {
  return [...fieldsOf(sessionLog, place)].some(({ number, integer }) => number === 1 && integer === START)
}

/** Records up to the first damaged one, which `note` reports; later ones cannot be located. */
async function* records(
  source: Source,
  note: (problem: string) => void,
): AsyncGenerator<{ data: Uint8Array; at: number }> {
  const damaged = (at: number) =>
    note(
      `damaged at byte ${at} (checksum mismatch); the ${source.size - at} bytes from there on were left out`,
    )
  let at = 0
  let window = new Uint8Array(0)
  let start = 0
  const bytes = async (from: number, length: number): Promise<Uint8Array> => {
    if (from < start || from + length > start + window.length) {
      start = from
      window = new Uint8Array(await source.read(from, Math.min(source.size, from + Math.max(WINDOW, length))))
    }
    return window.subarray(from - start, from - start + length)
  }
  while (at + HEADER <= source.size) {
    const header = await bytes(at, HEADER)
    const view = new DataView(header.buffer, header.byteOffset, HEADER)
    if (view.getUint32(8, true) !== maskedCrc32c(header.subarray(0, 8))) {
      if (at === 0) throw new FormatError(source.name, 'not a TensorBoard event file')
      return damaged(at)
    }
    const length = Number(view.getBigUint64(0, true))
    const next = at + HEADER + length + FOOTER
    if (next > source.size) return
    if (length <= MOST_RECORD) {
      const body = await bytes(at + HEADER, length + FOOTER)
      const data = body.subarray(0, length)
      const crc = new DataView(body.buffer, body.byteOffset + length, FOOTER).getUint32(0, true)
      if (crc !== maskedCrc32c(data)) return damaged(at)
      yield { data, at }
    }
    at = next
  }
  if (at === 0) throw new FormatError(source.name, `not a TensorBoard event file (${source.size} bytes)`)
}

function checkVersion(name: string, bytes: Uint8Array): void {
  const version = new TextDecoder().decode(bytes)
  if (!version.startsWith('brain.Event:'))
    throw new FormatError(
      name,
      `unsupported event file version (found '${version.slice(0, 40)}', expected brain.Event:2)`,
    )
}

function* scalars(summary: Uint8Array, place: string): Generator<{ tag: string; value: number }> {
  for (const { number, bytes } of fieldsOf(summary, place)) {
    if (number !== 1 || !bytes) continue
    let tag = ''
    let value: number | undefined
    for (const field of fieldsOf(bytes, place)) {
      if (field.number === 1 && field.bytes) tag = new TextDecoder().decode(field.bytes)
      else if (field.number === 2 && field.bytes?.length === 4) value = float(field.bytes)
      else if (field.number === 8 && field.bytes) value = tensorScalar([...fieldsOf(field.bytes, place)])
    }
    if (value !== undefined) yield { tag, value }
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
const float = (bytes: Uint8Array) => viewOf(bytes).getFloat32(0, true)
const double = (bytes: Uint8Array) => viewOf(bytes).getFloat64(0, true)

/**
 * TensorFlow 2 stores scalars as tensors of one element: 1 dtype, 4 content, 5 float_val, 6 double_val (tensor.proto).
 */
function tensorScalar(fields: readonly Field[]): number | undefined {
  const type = fields.find(({ number }) => number === 1)?.integer
  const bytesOf = (number: number) => fields.find((field) => field.number === number)?.bytes
  const content = bytesOf(4)
  if (type === DT_FLOAT) {
    const bytes = content ?? bytesOf(5)
    return bytes?.length === 4 ? float(bytes) : undefined
  }
  if (type !== DT_DOUBLE) return undefined
  const bytes = content ?? bytesOf(6)
  return bytes?.length === 8 ? double(bytes) : undefined
}
