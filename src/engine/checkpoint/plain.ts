// Inert data -> plain dicts, lists and scalars, so that code that reads a configuration need not care whether
// it was saved as a dict, an argparse.Namespace, a dataclass or an omegaconf object.
import { ELEMENTS } from '../bytes/elements.ts'
import { asTagged, type Data, type InertRecord, type Scalar, type TensorRef } from './data.ts'

/** Data without Python objects. Sets become lists; tensors stay references; classes become their dotted name. */
export type Plain = Scalar | TensorRef | Plain[] | Map<Plain, Plain>

/** Deeper data becomes null; the pickle reader refuses such nesting anyway. */
const MAX_PLAIN_DEPTH = 1000
/** Wrappers around one value (a node in a node ...): more is not a configuration. */
const MAX_WRAPPERS = 16

/** numpy dtype letter and size -> element type, for single numbers pickled by numpy. */
const NUMPY_SCALARS = new Map([
  ['f8', 'f64'],
  ['f4', 'f32'],
  ['f2', 'f16'],
  ['i8', 'i64'],
  ['i4', 'i32'],
  ['i2', 'i16'],
  ['i1', 'i8'],
  ['u8', 'u64'],
  ['u4', 'u32'],
  ['u2', 'u16'],
  ['u1', 'u8'],
  ['b1', 'bool'],
] as const) as ReadonlyMap<unknown, keyof typeof ELEMENTS>

/** The same data with every object unwrapped. Shared parts stay shared; a part that contains itself ends in null. */
export function toPlain(data: Data): Plain {
  return plain(data, new Map(), 0)
}

/** The value at `cfg.model.decoder_layers`: keys and list indices joined by dots. `undefined` if there is none. */
export function dataAt(data: Data | undefined, path: string): Plain | undefined {
  let here: Data | undefined = data
  for (const key of path.split('.')) {
    const container = here === undefined ? undefined : unwrap(here)
    if (container instanceof Map) here = container.get(container.has(key) ? key : Number(key))
    else if (Array.isArray(container)) here = container[Number(key)]
    else return undefined
  }
  return here === undefined ? undefined : toPlain(here)
}

/** `done` holds finished containers, and null for those still being made: a cycle ends there. */
function plain(data: Data, done: Map<Data, Plain>, depth: number): Plain {
  const value = unwrap(data)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const tagged = asTagged(value)
  if (tagged?.kind === 'tensor') return tagged
  if (tagged?.kind === 'storage' || depth > MAX_PLAIN_DEPTH) return null
  const known = done.get(value)
  if (known !== undefined) return known
  done.set(value, null)
  let result: Plain
  if (tagged) result = plainRecord(tagged, done, depth)
  else if (value instanceof Map) {
    result = new Map()
    for (const [key, item] of value) result.set(plain(key, done, depth + 1), plain(item, done, depth + 1))
  } else result = Array.from(value as Iterable<Data>, (item) => plain(item, done, depth + 1))
  done.set(value, result)
  return result
}

/** The rest after unwrapping: a class, a number of numpy, an enum or path from its arguments. */
function plainRecord(record: InertRecord, done: Map<Data, Plain>, depth: number): Plain {
  if (!record.args) return `${record.module}.${record.name}`
  const args = record.args.map((item) => plain(item, done, depth + 1))
  return args.length === 1 ? args[0]! : args
}

/** Unwraps the value of an object: the attributes of a Namespace, the value of a node. */
function unwrap(data: Data): Data {
  let value = data
  for (let i = 0; i < MAX_WRAPPERS; i++) {
    const record = asTagged(value)
    if (record?.kind !== 'record') return value
    const inner = numpyScalar(record) ?? contents(record)
    if (inner === undefined) return value
    value = inner
  }
  return value
}

function contents(record: InertRecord): Data | undefined {
  const { state, entries, items } = record
  // (attributes, slots): the state of a class with __slots__ in copyreg.
  const attributes = Array.isArray(state) && state.length === 2 ? (state[0] ?? state[1]) : state
  if (attributes instanceof Map) {
    if (!record.module.startsWith('omegaconf.')) return attributes
    // omegaconf/basecontainer.py and nodes.py: containers keep `_content`, nodes `_val`.
    return attributes.get('_content') ?? attributes.get('_val') ?? null
  }
  return entries ?? items
}

/** numpy.core.multiarray.scalar(dtype('<f8'), bytes), the form of fairseq's best losses. */
function numpyScalar(record: InertRecord): number | bigint | boolean | undefined {
  if (record.name !== 'scalar' || !/^numpy\.(_?core)\.multiarray$/.test(record.module)) return undefined
  const [dtype, bytes] = record.args ?? []
  const named = asTagged(dtype)
  if (named?.kind !== 'record' || !(bytes instanceof Uint8Array)) return undefined
  const order = Array.isArray(named.state) ? named.state[1] : '|'
  const type = NUMPY_SCALARS.get(named.args?.[0])
  if (!type || order === '>' || bytes.length !== ELEMENTS[type].size) return undefined
  const value = ELEMENTS[type].decode(bytes)[0]!
  if (type === 'bool') return value !== 0
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}
