// What both torch formats share: a pickled tree with tensors in it -> named views into storages.
import { FormatError } from '../../shared/errors.ts'
import { ELEMENTS, type ElementType } from '../bytes/elements.ts'
import { asTagged, type Data, type StorageRef, type TensorRef } from './data.ts'
import { MAX_DEPTH, MAX_TENSORS } from './pickle.ts'
import { tensorView, type Region } from './tensors.ts'
import { UNNAMED_TENSOR, type DType, type TensorView } from './weights.ts'

/** Values visited while tensors are collected; bounds data whose parts contain each other many times over. */
const MAX_VISITS = 1_000_000
/** The longest names in the wild have about 100 characters; times MAX_TENSORS this is 50 MB. */
const MAX_NAME_LENGTH = 512
/** Element types that numpy has and checkpoints do not. */
const NOT_IN_CHECKPOINTS: ReadonlySet<ElementType> = new Set(['u16', 'u32', 'u64'])

/** Finds the bytes of a storage; `place` names the tensor, for errors. */
export type RegionOf = (storage: StorageRef, place: string) => Region

/** Every tensor in the tree by its dotted name, in file order. Throws FormatError for one that cannot be read. */
export function torchTensors(root: Data, place: string, regionOf: RegionOf): Map<string, TensorView> {
  const views = new Map<string, TensorView>()
  for (const [name, tensor] of collectTensors(root, place))
    views.set(name, torchView(name, tensor, place, regionOf))
  return views
}

/** Walks dicts, lists and object attributes. A part that contains itself is not entered again. */
export function collectTensors(root: Data, place: string): Map<string, TensorRef> {
  const found = new Map<string, TensorRef>()
  const path: (string | number)[] = []
  const open = new Set<Data>()
  const seenRecords = new Set<Data>()
  let visits = 0

  function visit(data: Data): void {
    if (++visits > MAX_VISITS)
      throw new FormatError(place, `too many values to search for tensors (maximum ${MAX_VISITS})`)
    const tagged = asTagged(data)
    if (tagged?.kind === 'tensor') return keep(tagged)
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

  function keep(tensor: TensorRef): void {
    // Lengths are added before anything is joined: a hostile key can have millions of characters.
    const length = path.reduce<number>((sum, key) => sum + String(key).length + 1, -1)
    if (length > MAX_NAME_LENGTH)
      throw new FormatError(
        place,
        `tensor name too long (found ${length} characters, maximum ${MAX_NAME_LENGTH})`,
      )
    const name = path.length ? path.join('.') : UNNAMED_TENSOR
    if (found.has(name)) throw new FormatError(place, `duplicate tensor name ${name}`)
    if (found.size >= MAX_TENSORS) throw new FormatError(place, `too many tensors (maximum ${MAX_TENSORS})`)
    found.set(name, tensor)
  }

  visit(root)
  return found
}

/** Bytes of the whole storage. */
export function storageBytes(storage: StorageRef, place: string): number {
  if (!storage.dtype) throw new FormatError(place, `unsupported element type ${storage.type}`)
  return storage.count * ELEMENTS[storage.dtype].size
}

function torchView(name: string, tensor: TensorRef, place: string, regionOf: RegionOf): TensorView {
  const { dtype, shape, strides, offset, storage } = tensor
  const here = `${place}: tensor ${name}`
  if (!dtype || NOT_IN_CHECKPOINTS.has(dtype))
    throw new FormatError(here, `unsupported element type ${tensor.type}`)
  const region = viewOf(storage, regionOf(storage, here), here)
  return tensorView({ name, dtype: dtype as DType, shape, strides, offset }, region)
}

/** Legacy files may store a storage as a part of another. */
function viewOf(storage: StorageRef, whole: Region, place: string): Region {
  if (!storage.view || !storage.dtype) return whole
  const width = ELEMENTS[storage.dtype].size
  const { offset, count } = storage.view
  if ((offset + count) * width > whole.size)
    throw new FormatError(
      place,
      `storage view ${offset} to ${offset + count}: out of range (storage has ${whole.size / width} elements)`,
    )
  return { ...whole, start: whole.start + offset * width, size: count * width }
}
