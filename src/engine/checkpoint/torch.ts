// Common part of both torch formats: a pickled tree with tensors -> named views into storages.
import { FormatError } from '../../shared/errors.ts'
import type { ElementType } from '../bytes/elements.ts'
import { asTagged, type Data, type InertRecord, type StorageRef, type TensorRef } from './data.ts'
import { MAX_DEPTH, MAX_TENSORS } from './pickle.ts'
import { tensorView, type Region } from './tensors.ts'
import { listing, UNNAMED_TENSOR, type DType, type TensorView, type Tensors } from './weights.ts'

/** Maximum number of values visited while collecting tensors, for data whose parts contain each other many times. */
const MAX_VISITS = 1_000_000
/** The longest names in the wild have about 100 characters; times MAX_TENSORS this is 50 MB. */
const MAX_NAME_LENGTH = 512
/** Element types that numpy has and checkpoints do not. */
const NOT_IN_CHECKPOINTS: ReadonlySet<ElementType> = new Set(['u16', 'u32', 'u64'])
/** Calls that torch's tensors of other kinds are pickled as: quantised, sparse, nested. */
const REBUILD = /^_rebuild_\w*tensor/

/** Finds the bytes of a storage; `place` names the tensor, for errors. */
export type RegionOf = (storage: StorageRef, place: string) => Region

/**
 * Every tensor in the tree by its dotted name, in file order. Throws FormatError if there are tensors and none of them
 * can be read.
 */
export function torchTensors(root: Data, place: string, regionOf: RegionOf): Tensors {
  const { tensors, add, refuse } = listing(place)
  for (const { name, tensor, problem } of collectTensors(root, place)) {
    if (problem !== undefined || tensor.kind === 'record') {
      const type = tensor.kind === 'record' ? tensor.name : ''
      refuse({ name, type, problem: problem ?? `unsupported kind of tensor ${type}` })
      continue
    }
    const here = `${place}: tensor ${name}`
    try {
      add(torchView(name, tensor, here, regionOf))
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      refuse({ name, type: tensor.type, shape: tensor.shape, problem: error.message.slice(here.length + 2) })
    }
  }
  return tensors()
}

/** A tensor, or what a kind of tensor that is not read was pickled as. */
interface Collected {
  readonly name: string
  readonly tensor: TensorRef | InertRecord
  /** Why it cannot be looked up by its name. */
  readonly problem?: string
}

/** Walks dicts, lists and object attributes. A part that contains itself is not entered again. */
export function collectTensors(root: Data, place: string): Iterable<Collected> {
  const found = new Map<string, Collected>()
  const path: (string | number)[] = []
  const open = new Set<Data>()
  const seenRecords = new Set<Data>()
  let visits = 0

  function visit(data: Data): void {
    if (++visits > MAX_VISITS)
      throw new FormatError(place, `too many values to search for tensors (maximum ${MAX_VISITS})`)
    const tagged = asTagged(data)
    if (tagged?.kind === 'tensor') return keep(tagged)
    if (tagged?.kind === 'record' && isOtherTensor(tagged)) return keep(tagged)
    if (typeof data !== 'object' || data === null || open.has(data)) return
    if (open.size > MAX_DEPTH) throw new FormatError(place, `nested too deeply (maximum ${MAX_DEPTH})`)
    open.add(data)
    if (data instanceof Map) visitEntries(data)
    else if (Array.isArray(data)) visitEntries(data.entries())
    else if (tagged?.kind === 'record' && !seenRecords.has(data)) {
      // Objects refer to their parents and siblings: each is entered once.
      seenRecords.add(data)
      if (tagged.state instanceof Map) visitEntries(tagged.state)
      if (tagged.entries) visitEntries(tagged.entries)
    }
    open.delete(data)
  }

  function visitEntries(entries: Iterable<[Data, Data]>): void {
    for (const [key, value] of entries) {
      if (typeof key !== 'string' && typeof key !== 'number') continue
      path.push(key)
      visit(value)
      path.pop()
    }
  }

  function keep(tensor: Collected['tensor']): void {
    const { name, problem } = nameOf(path)
    // The keys 0 and '0' give one name: neither tensor is the one that is meant.
    const twice = found.has(name) ? 'two tensors have this name' : undefined
    if (!twice && found.size >= MAX_TENSORS)
      throw new FormatError(place, `too many tensors (maximum ${MAX_TENSORS})`)
    const reason = problem ?? twice
    found.set(name, { name, tensor, ...(reason === undefined ? {} : { problem: reason }) })
  }

  visit(root)
  return found.values()
}

const isOtherTensor = ({ module, name, args }: InertRecord) =>
  args !== undefined && module.startsWith('torch.') && REBUILD.test(name)

/** Lengths are added before joining, because a hostile key can have millions of characters. */
function nameOf(path: readonly (string | number)[]): { name: string; problem?: string } {
  const length = path.reduce<number>((sum, key) => sum + String(key).length + 1, -1)
  if (length <= MAX_NAME_LENGTH) return { name: path.length > 0 ? path.join('.') : UNNAMED_TENSOR }
  const start = path.map((key) => String(key).slice(0, MAX_NAME_LENGTH)).slice(0, MAX_NAME_LENGTH)
  return {
    name: `${start.join('.').slice(0, MAX_NAME_LENGTH)}…`,
    problem: `tensor name too long (found ${length} characters, maximum ${MAX_NAME_LENGTH})`,
  }
}

/** Bytes of the whole storage. */
export function storageBytes(storage: StorageRef, place: string): number {
  if (storage.width === undefined) throw new FormatError(place, `unsupported element type ${storage.type}`)
  return storage.count * storage.width
}

function torchView(name: string, tensor: TensorRef, place: string, regionOf: RegionOf): TensorView {
  const { dtype, shape, strides, offset, storage, problem } = tensor
  if (!dtype || NOT_IN_CHECKPOINTS.has(dtype))
    throw new FormatError(place, `unsupported element type ${tensor.type}`)
  if (problem !== undefined) throw new FormatError(place, problem)
  const region = viewOf(storage, regionOf(storage, place), place)
  return tensorView({ name, dtype: dtype as DType, shape, strides, offset }, region)
}

/** Legacy files can store a storage as part of another. */
function viewOf(storage: StorageRef, whole: Region, place: string): Region {
  if (!storage.view || storage.width === undefined) return whole
  const { width } = storage
  const { offset, count } = storage.view
  if ((offset + count) * width > whole.size)
    throw new FormatError(
      place,
      `storage view ${offset} to ${offset + count}: out of range (storage has ${whole.size / width} elements)`,
    )
  return { ...whole, start: whole.start + offset * width, size: count * width }
}
