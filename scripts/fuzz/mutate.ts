// One good file and a random number generator -> one bad file, as from damage or an attack.

/** Uniform numbers in [0, 1), the same for the same seed: any input of a run can be reproduced alone. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Extreme values for lengths, counts and offsets. */
const EXTREMES = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  0x100000000n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
]
/** All bytes that are opcodes in some protocol. */
const OPCODES = Buffer.from(
  '()0123.BCFGIJKLMNPQRSTUVX]abcdeghijlopqrstu}' +
    String.fromCharCode(...Array.from({ length: 24 }, (_, i) => 128 + i)),
  'latin1',
)
/** Half of all inputs carry one mutation, so that most of a file is still valid and parsers get far. */
const STACKED = [1, 1, 1, 2, 3, 5]
/** Inputs stay small, so that a slow one is slow because of its content. */
const MAX_INPUT_BYTES = 64 * 1024
/** Where headers and directories are. */
const EDGE_BYTES = 128

type Random = () => number
type Mutation = (bytes: Buffer, random: Random, other: Uint8Array) => Buffer

const below = (random: Random, limit: number) => Math.floor(random() * limit)

/** Half of all positions anywhere, a quarter in the head, a quarter in the tail. */
function position(random: Random, length: number): number {
  const where = random()
  if (where < 0.5) return below(random, length)
  const near = below(random, Math.min(EDGE_BYTES, length))
  return where < 0.75 ? near : length - 1 - near
}

function replace(bytes: Buffer, start: number, removed: number, inserted: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + removed)])
}

const MUTATIONS: Mutation[] = [
  function flipBit(bytes, random) {
    bytes[position(random, bytes.length)]! ^= 1 << below(random, 8)
    return bytes
  },
  function setByte(bytes, random) {
    bytes[position(random, bytes.length)] = below(random, 256)
    return bytes
  },
  function setExtreme(bytes, random) {
    const width = [1, 2, 4, 8][below(random, 4)]!
    const value = Buffer.alloc(8)
    value.writeBigUInt64LE(EXTREMES[below(random, EXTREMES.length)]!)
    return replace(bytes, position(random, bytes.length), width, value.subarray(0, width))
  },
  function nudge(bytes, random) {
    const at = position(random, bytes.length)
    bytes[at] = bytes[at]! + below(random, 9) - 4
    return bytes
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length))
  },
  function remove(bytes, random) {
    return replace(bytes, position(random, bytes.length), 1 + below(random, 64), Buffer.alloc(0))
  },
  function repeat(bytes, random) {
    const start = position(random, bytes.length)
    const part = bytes.subarray(start, start + 1 + below(random, 32))
    return replace(bytes, start, 0, Buffer.concat(Array<Buffer>(1 + below(random, 200)).fill(part)))
  },
  function splice(bytes, random, other) {
    const from = below(random, other.length)
    const part = other.subarray(from, from + 1 + below(random, 256))
    return replace(bytes, position(random, bytes.length), below(random, part.length), part)
  },
  function opcode(bytes, random) {
    const inserted = Uint8Array.from(
      { length: 1 + below(random, 4) },
      () => OPCODES[below(random, OPCODES.length)]!,
    )
    return replace(bytes, position(random, bytes.length), below(random, 2), inserted)
  },
  function digits(bytes, random) {
    const start = position(random, bytes.length)
    const at = bytes.subarray(start).findIndex((byte) => byte >= 48 && byte <= 57)
    const number = ['-1', '9'.repeat(1 + below(random, 20)), '0', '1e9', '4294967296'][below(random, 5)]!
    return at < 0 ? bytes : replace(bytes, start + at, 1, Buffer.from(number))
  },
]

/** One or more mutations of `good`; `other` is spliced from. */
export function mutate(good: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes: Buffer = Buffer.from(good)
  for (let left = STACKED[below(random, STACKED.length)]!; left > 0 && bytes.length > 0; left--)
    bytes = MUTATIONS[below(random, MUTATIONS.length)]!(bytes, random, other)
  return new Uint8Array(bytes.subarray(0, MAX_INPUT_BYTES))
}
