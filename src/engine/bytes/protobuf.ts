// Values -> protobuf wire bytes: a writer for the few message kinds that ONNX needs.
// Wire format: https://protobuf.dev/programming-guides/encoding/

const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** Longest varint: 64 bits in groups of seven. */
const MAX_VARINT_BYTES = 10
/** protobuf refuses messages of 2 GiB; weights are stored outside the message. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1

const utf8 = new TextEncoder()

/** Writes one message; nested messages are functions of a writer. Fields appear in the order they are written. */
export class ProtobufWriter {
  #buffer = new Uint8Array(256)
  #view = new DataView(this.#buffer.buffer)
  #length = 0

  /** An int32, int64, uint64, bool or enum field. Negative numbers take ten bytes, as int64 does. */
  int(field: number, value: number | bigint): void {
    this.#tag(field, VARINT)
    this.#varint(value)
  }

  float(field: number, value: number): void {
    this.#tag(field, FIXED32)
    this.#float(value)
  }

  string(field: number, value: string): void {
    this.bytes(field, utf8.encode(value))
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, LENGTH_DELIMITED)
    this.#varint(value.length)
    this.#reserve(value.length)
    this.#buffer.set(value, this.#length)
    this.#length += value.length
  }

  message(field: number, write: (writer: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter()
    write(inner)
    this.bytes(field, inner.#written())
  }

  packedInts(field: number, values: Iterable<number | bigint>): void {
    this.message(field, (inner) => {
      for (const value of values) inner.#varint(value)
    })
  }

  packedFloats(field: number, values: Iterable<number>): void {
    this.message(field, (inner) => {
      for (const value of values) inner.#float(value)
    })
  }

  /** A copy of the message so far. */
  finish(): Uint8Array {
    return this.#written().slice()
  }

  #written(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  #tag(field: number, wireType: number): void {
    if (!Number.isInteger(field) || field < 1 || field > 2 ** 29 - 1)
      throw new RangeError(`protobuf field number out of range: ${field}`)
    this.#varint(field * 8 + wireType)
  }

  #varint(value: number | bigint): void {
    this.#reserve(MAX_VARINT_BYTES)
    if (typeof value === 'bigint') return this.#longVarint(value)
    if (!Number.isSafeInteger(value)) throw new RangeError(`protobuf integer out of range: ${value}`)
    if (value < 0) return this.#longVarint(BigInt(value))
    while (value > 127) {
      this.#buffer[this.#length++] = (value % 128) + 128
      value = Math.floor(value / 128)
    }
    this.#buffer[this.#length++] = value
  }

  #longVarint(value: bigint): void {
    if (value < -(2n ** 63n) || value >= 2n ** 64n)
      throw new RangeError(`protobuf integer out of range: ${value}`)
    let rest = BigInt.asUintN(64, value)
    while (rest > 127n) {
      this.#buffer[this.#length++] = Number(rest & 127n) + 128
      rest >>= 7n
    }
    this.#buffer[this.#length++] = Number(rest)
  }

  #float(value: number): void {
    this.#reserve(4)
    this.#view.setFloat32(this.#length, value, true)
    this.#length += 4
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#buffer.length) return
    if (needed > MAX_MESSAGE_BYTES) throw new RangeError(`protobuf message too large (${needed} bytes)`)
    const grown = new Uint8Array(Math.min(Math.max(needed, this.#buffer.length * 2), MAX_MESSAGE_BYTES))
    grown.set(this.#written())
    this.#buffer = grown
    this.#view = new DataView(grown.buffer)
  }
}
