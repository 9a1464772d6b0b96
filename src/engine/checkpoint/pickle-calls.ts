// The few names in a pickle that this reader interprets: plain containers and the tensor machinery of torch. Each row
// turns the arguments of a call into data. Every other name becomes an inert record.
import { ELEMENTS, type ElementType } from '../bytes/elements.ts'
import {
  asTagged,
  inertRecord,
  type Data,
  type InertRecord,
  type StorageRef,
  type TensorRef,
} from './data.ts'

/** Maximum dimensions of a tensor, as in torch. */
const MAX_DIMENSIONS = 64
/** Copied bytes that count as one opcode. */
const BYTES_PER_STEP = 16

/** Functions for calls: count copied items, and refuse. */
export interface CallContext {
  /** Counts `items` copied items against the limit on work. */
  spend(items: number): void
  /** Counts one more tensor. */
  countTensor(): void
  fail(problem: string): Error
}

type Refuses = Pick<CallContext, 'fail'>

/** Undefined for arguments of another kind: the call stays a record, which matters only to who needs it. */
type Call = (args: readonly Data[], context: CallContext) => Data | undefined

/** torch.<x>Storage -> element type. https://github.com/pytorch/pytorch/blob/main/torch/storage.py */
const STORAGE_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['DoubleStorage', 'f64'],
  ['FloatStorage', 'f32'],
  ['HalfStorage', 'f16'],
  ['BFloat16Storage', 'bf16'],
  ['LongStorage', 'i64'],
  ['IntStorage', 'i32'],
  ['ShortStorage', 'i16'],
  ['CharStorage', 'i8'],
  ['ByteStorage', 'u8'],
  ['BoolStorage', 'bool'],
  ['UntypedStorage', 'u8'],
])

/** Bytes of elements that are not read: what follows them in a legacy file is. */
const OTHER_STORAGES: ReadonlyMap<string, number> = new Map([
  ['ComplexDoubleStorage', 16],
  ['ComplexFloatStorage', 8],
  ['QInt32Storage', 4],
  ['QInt8Storage', 1],
  ['QUInt8Storage', 1],
])

const TORCH_DTYPES: ReadonlyMap<string, ElementType> = new Map([
  ['float64', 'f64'],
  ['float32', 'f32'],
  ['float16', 'f16'],
  ['bfloat16', 'bf16'],
  ['int64', 'i64'],
  ['int32', 'i32'],
  ['int16', 'i16'],
  ['int8', 'i8'],
  ['uint8', 'u8'],
  ['bool', 'bool'],
])

const REBUILD_FROM_TYPE = 'torch._tensor._rebuild_from_type_v2'

/** By `module.name`. torch/_utils.py of every release since 0.4, Python's copyreg, builtins, collections. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_tensor_v3', (args, context) => rebuildTensor(args, context, args[6])],
  ['torch._utils._rebuild_parameter', innerTensor],
  ['torch._utils._rebuild_parameter_with_state', innerTensor],
  ['torch.nn.parameter.Parameter', innerTensor],
  [REBUILD_FROM_TYPE, rebuildFromType],
  ['torch.Size', copyList],
  ['collections.OrderedDict', copyDict],
  ['collections.Counter', copyDict],
  ['collections.defaultdict', (args, context) => copyDict(args.slice(1), context)],
  ['copyreg._reconstructor', reconstruct],
  ['copy_reg._reconstructor', reconstruct],
  ['_codecs.encode', encode],
  ...['builtins', '__builtin__'].flatMap((module): [string, Call][] => [
    [`${module}.list`, copyList],
    [`${module}.tuple`, copyList],
    [`${module}.dict`, copyDict],
    [`${module}.set`, copySet],
    [`${module}.frozenset`, copySet],
    [`${module}.bytearray`, copyBytes],
    [`${module}.bytes`, copyBytes],
  ]),
])

/** The result of calling the class or function, as data. */
export function call(target: InertRecord, args: Data[], context: CallContext): Data {
  const known = CALLS.get(`${target.module}.${target.name}`)
  return known?.(args, context) ?? inertRecord(target.module, target.name, args)
}

/** A persistent id of torch.save: ('storage', class, key, location, count[, view]) or, in old files, ('module', ...). */
export function storageFromId(id: Data, context: CallContext): Data {
  if (!Array.isArray(id)) throw context.fail('persistent id is not a tuple')
  const [kind, type, key, , count, view] = id
  if (kind === 'module') return type ?? null
  const storageClass = asTagged(type)
  if (kind !== 'storage' || storageClass?.kind !== 'record' || typeof key !== 'string')
    throw context.fail("persistent id is not ('storage', class, key, location, count)")
  const dtype = STORAGE_TYPES.get(storageClass.name)
  return {
    kind: 'storage',
    type: storageClass.name,
    dtype,
    width: dtype ? ELEMENTS[dtype].size : OTHER_STORAGES.get(storageClass.name),
    key,
    count: size(count, 'storage size', context),
    view: Array.isArray(view)
      ? { offset: size(view[1], 'view offset', context), count: size(view[2], 'view size', context) }
      : undefined,
  } satisfies StorageRef
}

/** What is wrong with one tensor is said of it alone. */
const OF_ONE_TENSOR: Refuses = { fail: (problem) => new Error(problem) }

/** (storage, offset, shape, strides, ...); `as` is the dtype that v3 gives for an untyped storage. */
function rebuildTensor(args: readonly Data[], context: CallContext, as?: Data): TensorRef | undefined {
  const storage = asTagged(args[0])
  if (storage?.kind !== 'storage') return undefined
  context.countTensor()
  const named = asTagged(as)
  const ref = {
    kind: 'tensor',
    storage,
    type: named?.kind === 'record' ? named.name : storage.type,
    dtype: named?.kind === 'record' ? TORCH_DTYPES.get(named.name) : storage.dtype,
  } as const
  try {
    const shape = sizes(args[2], 'tensor shape', OF_ONE_TENSOR)
    const strides = sizes(args[3], 'tensor strides', OF_ONE_TENSOR)
    if (shape.length !== strides.length)
      throw new Error(`tensor of ${shape.length} dimensions with ${strides.length} strides`)
    return { ...ref, offset: size(args[1], 'tensor offset', OF_ONE_TENSOR), shape, strides }
  } catch (error) {
    return { ...ref, offset: 0, shape: [], strides: [], problem: (error as Error).message }
  }
}

/** (function, type, args, state): a tensor subclass is its tensor. */
function rebuildFromType(args: readonly Data[], context: CallContext): Data | undefined {
  const target = asTagged(args[0])
  const inner = args[2]
  const name = target?.kind === 'record' ? `${target.module}.${target.name}` : ''
  if (target?.kind !== 'record' || !Array.isArray(inner) || name === REBUILD_FROM_TYPE) return undefined
  return call(target, inner, context)
}

function innerTensor(args: readonly Data[]): Data | undefined {
  return asTagged(args[0])
}

/** (class, base, state): an instance in protocols 0 and 1. */
function reconstruct(args: readonly Data[]): Data | undefined {
  const target = asTagged(args[0])
  if (target?.kind !== 'record') return undefined
  return inertRecord(target.module, target.name, [])
}

/** bytes in protocol 2: text in which each character is a byte. */
function encode(args: readonly Data[], context: CallContext): Data | undefined {
  const [text, encoding] = args
  if (typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1')) return undefined
  context.spend(text.length / BYTES_PER_STEP)
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

function copyBytes(args: readonly Data[], context: CallContext): Data | undefined {
  const [from, encoding] = args
  if (from === undefined) return new Uint8Array(0)
  if (typeof from === 'string') return encode([from, encoding ?? null], context)
  if (!(from instanceof Uint8Array)) return undefined
  context.spend(from.length / BYTES_PER_STEP)
  return from.slice()
}

function copyList(args: readonly Data[], context: CallContext): Data[] | undefined {
  const from = args[0] ?? []
  if (!Array.isArray(from)) return undefined
  context.spend(from.length)
  return from.slice()
}

function copySet(args: readonly Data[], context: CallContext): Set<Data> | undefined {
  const items = copyList(args, context)
  return items && new Set(items)
}

/** A dict from no argument, from a dict, or from a list of pairs. */
function copyDict(args: readonly Data[], context: CallContext): Map<Data, Data> | undefined {
  const from = args[0] ?? []
  const pairs = from instanceof Map ? [...from] : from
  if (!Array.isArray(pairs)) return undefined
  context.spend(pairs.length)
  const dict = new Map<Data, Data>()
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined
    dict.set(pair[0]!, pair[1]!)
  }
  return dict
}

function sizes(data: Data | undefined, what: string, context: Refuses): number[] {
  if (!Array.isArray(data) || data.length > MAX_DIMENSIONS)
    throw context.fail(`${what}: invalid value (expected a tuple of at most ${MAX_DIMENSIONS} numbers)`)
  return data.map((item) => size(item, what, context))
}

/** A count or stride; torch allows no negative ones. */
function size(data: Data | undefined, what: string, context: Refuses): number {
  if (typeof data !== 'number' || !Number.isSafeInteger(data) || data < 0)
    throw context.fail(
      `${what}: invalid value (found ${typeof data === 'number' || typeof data === 'bigint' ? data : 'none'}, expected 0 or more)`,
    )
  return data
}
