// .safetensors: an 8-byte header length, a JSON header, then tensors back to back.
// https://github.com/huggingface/safetensors#format
import { FormatError } from '../../shared/errors.ts'
import { Cursor } from '../bytes/cursor.ts'
import { ELEMENTS, elementCount } from '../bytes/elements.ts'
import type { Source } from '../bytes/source.ts'
import type { Data } from './data.ts'
import { MAX_TENSORS } from './pickle.ts'
import { tensorView } from './tensors.ts'
import { listing, type DType, type Weights } from './weights.ts'
import { parseJson } from '../../shared/plain-json.ts'

/** The format allows 100 MB; 100,000 tensors take 10 MB, and parsed JSON takes many times its text. */
const MAX_HEADER_BYTES = 16 * 2 ** 20
const LENGTH_BYTES = 8
/** Of an unknown element type, in messages. */
const MAX_TYPE_LENGTH = 40
const METADATA = '__metadata__'

const DTYPES: ReadonlyMap<unknown, DType> = new Map([
  ['F64', 'f64'],
  ['F32', 'f32'],
  ['F16', 'f16'],
  ['BF16', 'bf16'],
  ['I64', 'i64'],
  ['I32', 'i32'],
  ['I16', 'i16'],
  ['I8', 'i8'],
  ['U8', 'u8'],
  ['BOOL', 'bool'],
])

/** True if the file can start with a header: its length fits and a JSON object follows. */
export function isSafetensors(head: Uint8Array, fileSize: number): boolean {
  if (head.length < LENGTH_BYTES + 1 || head[LENGTH_BYTES] !== 0x7b) return false
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  return view.getBigUint64(0, true) <= BigInt(fileSize - LENGTH_BYTES)
}

/** Reads the header. Tensors must fill the rest of the file without gaps or overlaps, as the format requires. */
export async function openSafetensors(source: Source, path: string): Promise<Weights> {
  const headerSize = new Cursor(await source.read(0, Math.min(LENGTH_BYTES, source.size)), source.name).u64()
  if (headerSize > MAX_HEADER_BYTES || headerSize > source.size - LENGTH_BYTES)
    throw new FormatError(
      source.name,
      `header too large (found ${headerSize} bytes, maximum ${MAX_HEADER_BYTES} and within the file)`,
    )
  const start = LENGTH_BYTES + headerSize
  const header = parseHeader(await source.read(LENGTH_BYTES, start), source.name)
  const metadata = header.find(([name]) => name === METADATA)?.[1]
  const size = source.size - start
  const rows = header
    .filter(([name]) => name !== METADATA)
    .map(([name, value]) => parseTensor(name, value, `${source.name}: tensor ${name}`))
  if (rows.length > MAX_TENSORS)
    throw new FormatError(source.name, `too many tensors (maximum ${MAX_TENSORS})`)
  checkCoverage(rows, size, source.name)
  const { tensors, add, refuse } = listing(source.name)
  for (const { name, dtype, type, shape, begin, end } of rows)
    if (dtype)
      add(tensorView({ name, dtype, shape }, { source, path, start: start + begin, size: end - begin }))
    else refuse({ name, type, shape, problem: `unsupported element type ${type}` })
  return {
    path,
    format: 'safetensors',
    ...tensors(),
    data: metadata === undefined ? undefined : textMap(metadata, source.name),
    tensorBytes: size,
    close: () => source.close(),
  }
}

interface Row {
  name: string
  /** Undefined for one that is not read. */
  dtype: DType | undefined
  /** As the header has it. */
  type: string
  shape: number[]
  begin: number
  end: number
}

function parseHeader(bytes: Uint8Array, place: string): [string, unknown][] {
  let header: unknown
  try {
    header = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new FormatError(
      place,
      `header is not valid JSON (${error instanceof Error ? error.message : String(error)})`,
    )
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new FormatError(place, 'header is not a JSON object')
  return Object.entries(header)
}

function parseTensor(name: string, value: unknown, place: string): Row {
  const fields = new Map(Object.entries(value ?? {}))
  const dtype = DTYPES.get(fields.get('dtype'))
  const type = String(JSON.stringify(fields.get('dtype'))).slice(0, MAX_TYPE_LENGTH)
  const shape = counts(fields.get('shape'))
  const offsets = counts(fields.get('data_offsets'))
  const [begin, end] = offsets ?? []
  if (!shape || begin === undefined || end === undefined || offsets!.length !== 2)
    throw new FormatError(place, 'missing or invalid shape or data_offsets (expected [begin, end])')
  // Its size is unknown, but the bytes that it takes are checked like all others.
  if (!dtype && end >= begin) return { name, dtype, type, shape, begin, end }
  const needed = dtype ? elementCount(shape) * ELEMENTS[dtype].size : 0
  if (end - begin !== needed)
    throw new FormatError(
      place,
      `data size does not match ${dtype ?? type} [${shape}] (found ${end - begin} bytes, expected ${needed})`,
    )
  return { name, dtype, type, shape, begin, end }
}

function counts(value: unknown): number[] | undefined {
  const isCount = (item: unknown): item is number => Number.isSafeInteger(item) && (item as number) >= 0
  return Array.isArray(value) && value.every(isCount) ? value : undefined
}

function checkCoverage(rows: readonly Row[], size: number, place: string): void {
  let at = 0
  for (const { name, begin, end } of rows.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      throw new FormatError(place, `tensor ${name}: wrong offset (found byte ${begin}, expected ${at})`)
    at = end
  }
  if (at !== size)
    throw new FormatError(place, `wrong file size (tensors end at byte ${at}, file has ${size})`)
}

function textMap(value: unknown, place: string): Map<Data, Data> {
  const entries = Object.entries(value ?? {})
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
    throw new FormatError(place, `${METADATA}: values must be strings`)
  return new Map(entries)
}
