// A pickle -> inert data. A closed table of opcodes; nothing is imported, called or executed. Opcodes:
// https://github.com/python/cpython/blob/3.13/Lib/pickletools.py (protocols 0 to 5). Left out on purpose: INST, OBJ,
// PERSID (protocol 0 objects, never in tensors' files), EXT1-4, out-of-band buffers.
import { FormatError } from '../../shared/errors.ts'
import { Cursor } from '../bytes/cursor.ts'
import { asTagged, inertRecord, type Data, type InertRecord, type Tagged } from './data.ts'
import { call, type CallContext } from './pickle-calls.ts'
import {
  decodeByteText,
  decodeLong,
  decodeText,
  parseFloatText,
  parseInteger,
  parseQuoted,
  parseRawUnicode,
  readDigits,
} from './pickle-text.ts'

export type { Data } from './data.ts'

/** The largest DiGIT file with optimizer state has a pickle below 1 MB; weights are never inside it. */
export const MAX_PICKLE_BYTES = 64 * 2 ** 20
/** Work: opcodes, items copied by calls, escaped characters. 100,000 tensors take about 4 million. */
export const MAX_STEPS = 5_000_000
/** Containers, records and byte strings; each costs up to 200 bytes. 100,000 tensors take 800,000. */
export const MAX_OBJECTS = 1_000_000
/** Open MARKs at one time, the nesting depth of a pickler. */
export const MAX_DEPTH = 1000
/** Far above any network; keeps listings and graphs finite. */
export const MAX_TENSORS = 100_000
/** Values kept for later reference; 100,000 tensors keep a million. */
export const MAX_MEMO = 2_000_000
/** Bytes of a long integer. Seeds take 8, numpy and torch keep random states as bytes. */
export const MAX_LONG_BYTES = 1024
const HIGHEST_PROTOCOL = 5

export interface UnpickleOptions {
  /** Name of the bytes in errors. */
  place: string
  /** Where the pickle starts. @default 0 */
  start?: number
  /** Persistent id -> data, for files with storages outside the pickle. @default refused */
  persistent?: (id: Data, context: CallContext) => Data
}

/**
 * The pickle's value and the offset after its STOP. Throws FormatError; EndOfBytes if the bytes end early.
 */
export function unpickle(bytes: Uint8Array, options: UnpickleOptions): { value: Data; end: number } {
  const machine = new Machine(bytes, options)
  const value = machine.run()
  return { value, end: machine.cursor.position }
}

/** The pickle machine: a stack, marks into it, and a memo. */
class Machine implements CallContext {
  readonly cursor: Cursor
  readonly persistent: (id: Data, context: CallContext) => Data
  stopped = false
  #memo = new Map<number, Data>()
  #stack: Data[] = []
  #marks: number[] = []
  #steps = 0
  #objects = 0
  #tensors = 0
  #at = 0
  #opcode = 'start'

  constructor(bytes: Uint8Array, { place, start = 0, persistent }: UnpickleOptions) {
    this.cursor = new Cursor(bytes.subarray(0, start + MAX_PICKLE_BYTES), place, start)
    this.persistent =
      persistent ??
      (() => {
        throw this.fail('persistent id in a file without storages')
      })
  }

  run(): Data {
    while (!this.stopped) {
      this.#at = this.cursor.position
      const code = this.cursor.u8()
      const opcode = OPCODES[code]
      this.#opcode = opcode ? opcode[0] : `0x${code.toString(16).padStart(2, '0')}`
      if (!opcode) throw this.fail('opcode not used in checkpoints')
      this.spend(1)
      opcode[1](this)
    }
    return this.pop()
  }

  fail(problem: string): FormatError {
    return new FormatError(this.cursor.place, `pickle: ${this.#opcode} at byte ${this.#at}: ${problem}`)
  }

  spend(items: number): void {
    this.#steps += items
    if (this.#steps > MAX_STEPS) throw this.fail(`too many steps (maximum ${MAX_STEPS})`)
  }

  countTensor(): void {
    if (++this.#tensors > MAX_TENSORS) throw this.fail(`too many tensors (maximum ${MAX_TENSORS})`)
  }

  push(data: Data): void {
    this.#stack.push(data)
  }

  /** Pushes a container, a record or bytes, counted. */
  pushObject(data: Data): void {
    if (++this.#objects > MAX_OBJECTS) throw this.fail(`too many objects (maximum ${MAX_OBJECTS})`)
    this.#stack.push(data)
  }

  pop(): Data {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.fail('stack is empty')
    return this.#stack.pop()!
  }

  /** The last `count` values, oldest first. */
  popMany(count: number): Data[] {
    const available = this.#stack.length - (this.#marks.at(-1) ?? 0)
    if (available < count)
      throw this.fail(`not enough operands on the stack (found ${available}, expected ${count})`)
    return this.#stack.splice(this.#stack.length - count)
  }

  top(): Data {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.fail('stack is empty')
    return this.#stack.at(-1)!
  }

  mark(): void {
    if (this.#marks.length >= MAX_DEPTH) throw this.fail(`nested too deeply (maximum ${MAX_DEPTH})`)
    this.#marks.push(this.#stack.length)
  }

  /** Everything above the last mark, which is removed. */
  popMark(): Data[] {
    const height = this.#marks.pop()
    if (height === undefined) throw this.fail('no mark on the stack')
    return this.#stack.splice(height)
  }

  /** Stores the top of the stack under `key`, or under the next number. */
  memoize(key = this.#memo.size): void {
    this.#memo.set(key, this.top())
    if (this.#memo.size > MAX_MEMO) throw this.fail(`too many memo entries (maximum ${MAX_MEMO})`)
  }

  recall(key: number): void {
    const data = this.#memo.get(key)
    if (data === undefined) throw this.fail(`memo ${key} is empty`)
    this.push(data)
  }

  /** Simulated calls: containers and tensors, otherwise a record of the call. */
  call(target: Data, args: Data): void {
    const record = asTagged(target)
    if (record?.kind !== 'record' || record.args !== undefined) throw this.fail('called object has no name')
    if (!Array.isArray(args)) throw this.fail('arguments are not a tuple')
    this.pushObject(call(record, args, this))
  }
}

type Opcode = readonly [name: string, run: (m: Machine) => void]

/** Indexed by opcode byte. */
const OPCODES: (Opcode | undefined)[] = new Array<Opcode | undefined>(256)

const define = (code: number | string, name: string, run: (m: Machine) => void) => {
  OPCODES[typeof code === 'string' ? code.charCodeAt(0) : code] = [name, run]
}

define(0x80, 'PROTO', (m) => {
  const protocol = m.cursor.u8()
  if (protocol > HIGHEST_PROTOCOL)
    throw m.fail(`unsupported pickle protocol (found ${protocol}, expected at most ${HIGHEST_PROTOCOL})`)
})
define(0x95, 'FRAME', (m) => {
  const length = m.cursor.u64()
  const start = m.cursor.position
  m.cursor.take(length)
  m.cursor.position = start
})
define('.', 'STOP', (m) => (m.stopped = true))

// Constants and numbers.
define('N', 'NONE', (m) => m.push(null))
define(0x88, 'NEWTRUE', (m) => m.push(true))
define(0x89, 'NEWFALSE', (m) => m.push(false))
define('I', 'INT', (m) => {
  const text = readDigits(m)
  m.push(text === '01' ? true : text === '00' ? false : parseInteger(m, text))
})
define('L', 'LONG', (m) => m.push(parseInteger(m, readDigits(m).replace(/L$/, ''))))
define('F', 'FLOAT', (m) => m.push(parseFloatText(m, readDigits(m))))
define('J', 'BININT', (m) => m.push(m.cursor.i32()))
define('K', 'BININT1', (m) => m.push(m.cursor.u8()))
define('M', 'BININT2', (m) => m.push(m.cursor.u16()))
define(0x8a, 'LONG1', (m) => m.push(decodeLong(m.cursor.take(m.cursor.u8()))))
define(0x8b, 'LONG4', (m) => {
  const length = m.cursor.i32()
  if (length < 0 || length > MAX_LONG_BYTES)
    throw m.fail(`integer too large (found ${length} bytes, maximum ${MAX_LONG_BYTES})`)
  m.push(decodeLong(m.cursor.take(length)))
})
define('G', 'BINFLOAT', (m) => m.push(m.cursor.f64be()))

// Text and bytes. Their length must fit the remaining bytes before anything is allocated.
define('V', 'UNICODE', (m) => m.push(parseRawUnicode(m, escapedLine(m))))
define(0x8c, 'SHORT_BINUNICODE', (m) => m.push(text(m, m.cursor.u8())))
define('X', 'BINUNICODE', (m) => m.push(text(m, m.cursor.u32())))
define(0x8d, 'BINUNICODE8', (m) => m.push(text(m, m.cursor.u64())))
define('S', 'STRING', (m) => m.push(parseQuoted(m, escapedLine(m))))
define('U', 'SHORT_BINSTRING', (m) => m.push(decodeByteText(m.cursor.take(m.cursor.u8()))))
define('T', 'BINSTRING', (m) => m.push(decodeByteText(m.cursor.take(m.cursor.u32()))))
define('C', 'SHORT_BINBYTES', (m) => m.pushObject(m.cursor.take(m.cursor.u8()).slice()))
define('B', 'BINBYTES', (m) => m.pushObject(m.cursor.take(m.cursor.u32()).slice()))
define(0x8e, 'BINBYTES8', (m) => m.pushObject(m.cursor.take(m.cursor.u64()).slice()))
define(0x96, 'BYTEARRAY8', (m) => m.pushObject(m.cursor.take(m.cursor.u64()).slice()))

// Containers. Tuples are lists here.
define('(', 'MARK', (m) => m.mark())
define(')', 'EMPTY_TUPLE', (m) => m.pushObject([]))
define(0x85, 'TUPLE1', (m) => m.pushObject(m.popMany(1)))
define(0x86, 'TUPLE2', (m) => m.pushObject(m.popMany(2)))
define(0x87, 'TUPLE3', (m) => m.pushObject(m.popMany(3)))
define('t', 'TUPLE', (m) => m.pushObject(m.popMark()))
define(']', 'EMPTY_LIST', (m) => m.pushObject([]))
define('l', 'LIST', (m) => m.pushObject(m.popMark()))
define('a', 'APPEND', (m) => append(m, [m.pop()]))
define('e', 'APPENDS', (m) => append(m, m.popMark()))
define('}', 'EMPTY_DICT', (m) => m.pushObject(new Map()))
define('d', 'DICT', (m) => {
  const items = m.popMark()
  m.pushObject(new Map())
  setItems(m, items)
})
define('s', 'SETITEM', (m) => setItems(m, m.popMany(2)))
define('u', 'SETITEMS', (m) => setItems(m, m.popMark()))
define(0x8f, 'EMPTY_SET', (m) => m.pushObject(new Set()))
define(0x90, 'ADDITEMS', (m) => {
  const items = m.popMark()
  const set = m.top()
  if (!(set instanceof Set)) throw m.fail('target is not a set')
  for (const item of items) set.add(item)
})
define(0x91, 'FROZENSET', (m) => m.pushObject(new Set(m.popMark())))

// The stack and the memo.
define('0', 'POP', (m) => void m.pop())
define('1', 'POP_MARK', (m) => void m.popMark())
define('2', 'DUP', (m) => m.push(m.top()))
define('p', 'PUT', (m) => m.memoize(memoKey(m)))
define('q', 'BINPUT', (m) => m.memoize(m.cursor.u8()))
define('r', 'LONG_BINPUT', (m) => m.memoize(m.cursor.u32()))
define(0x94, 'MEMOIZE', (m) => m.memoize())
define('g', 'GET', (m) => m.recall(memoKey(m)))
define('h', 'BINGET', (m) => m.recall(m.cursor.u8()))
define('j', 'LONG_BINGET', (m) => m.recall(m.cursor.u32()))

// Classes, functions, calls: names only.
define('c', 'GLOBAL', (m) => {
  const module = decodeText(m, m.cursor.line())
  m.pushObject(inertRecord(module, decodeText(m, m.cursor.line()), undefined))
})
define(0x93, 'STACK_GLOBAL', (m) => {
  const [module, name] = m.popMany(2)
  if (typeof module !== 'string' || typeof name !== 'string') throw m.fail('name is not text')
  m.pushObject(inertRecord(module, name, undefined))
})
define('R', 'REDUCE', (m) => callTop(m, 2))
define(0x81, 'NEWOBJ', (m) => callTop(m, 2))
define(0x92, 'NEWOBJ_EX', (m) => callTop(m, 3))
define('b', 'BUILD', (m) => {
  const state = m.pop()
  const target = m.top()
  const record = asTagged(target)
  if (record?.kind === 'record' && record.args !== undefined) record.state = state
  // `_metadata` of torch's OrderedDict and attributes of a parameter are not needed.
  else if (
    !(target instanceof Map || target instanceof Set || Array.isArray(target) || record?.kind === 'tensor')
  )
    throw m.fail('object cannot take a state')
})
define('Q', 'BINPERSID', (m) => m.pushObject(m.persistent(m.pop(), m)))

/** Calls the lowest of `operands` values with the tuple above it; NEWOBJ_EX has keywords on top, kept as the last argument. */
function callTop(m: Machine, operands: 2 | 3): void {
  const [target, args, keywords] = m.popMany(operands)
  const positional =
    keywords instanceof Map && keywords.size > 0 && Array.isArray(args) ? [...args, keywords] : args!
  m.call(target!, positional)
}

function append(m: Machine, items: Data[]): void {
  const target = m.top()
  const record = asTagged(target)
  const list = Array.isArray(target) ? target : record && itemsOf(record)
  if (!list) throw m.fail('target is not a list')
  for (const item of items) list.push(item)
}

function setItems(m: Machine, items: Data[]): void {
  const target = m.top()
  const record = asTagged(target)
  const dict = target instanceof Map ? target : record && entriesOf(record)
  if (!dict) throw m.fail('target is not a dict')
  if (items.length % 2) throw m.fail('key without a value')
  for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!)
}

/** The items of an instance that behaves like a list; a class has none. */
function itemsOf(record: Tagged): Data[] | undefined {
  return isInstance(record) ? (record.items ??= []) : undefined
}

function entriesOf(record: Tagged): Map<Data, Data> | undefined {
  return isInstance(record) ? (record.entries ??= new Map<Data, Data>()) : undefined
}

function isInstance(record: Tagged): record is InertRecord {
  return record.kind === 'record' && record.args !== undefined
}

function text(m: Machine, length: number): string {
  return decodeText(m, m.cursor.take(length))
}

/** Escapes are decoded one by one, so each character counts as work. */
function escapedLine(m: Machine): Uint8Array {
  const line = m.cursor.line()
  m.spend(line.length)
  return line
}

function memoKey(m: Machine): number {
  const key = parseInteger(m, readDigits(m))
  if (typeof key !== 'number' || key < 0) throw m.fail(`memo key ${key}`)
  return key
}
