// A bounded reader over bytes: every step reports its position when the bytes run out.
import { FormatError } from '../../shared/errors.ts'

/** The bytes ended inside a value; a reader that has only a window may fetch more and try again. */
export class EndOfBytes extends FormatError {}

/** Reads little-endian values one after another. `place` names the bytes in errors. */
export class Cursor {
  readonly bytes: Uint8Array
  readonly place: string
  position: number
  readonly #view: DataView

  constructor(bytes: Uint8Array, place: string, position = 0) {
    // Plain bytes, because slice() of a Buffer does not copy.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.place = place
    this.position = position
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.bytes.length - this.position
  }

  /** The next `length` bytes, not copied. Throws EndOfBytes before anything is allocated. */
  take(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.bytes.subarray(start, start + length)
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true)
  }

  /** A 64-bit count. Throws FormatError above 2^53, which no real file contains. */
  u64(): number {
    const at = this.position
    const value = this.#view.getBigUint64(this.#advance(8), true)
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new FormatError(
        this.place,
        `count at byte ${at}: out of range (found ${value}, expected at most 2^53 - 1)`,
      )
    return Number(value)
  }

  /** Big-endian, the only such value in a pickle. */
  f64be(): number {
    return this.#view.getFloat64(this.#advance(8), false)
  }

  /** Bytes up to the next line feed, which is consumed but not returned. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(10, this.position)
    if (end < 0) throw this.#end('a line')
    const line = this.bytes.subarray(this.position, end)
    this.position = end + 1
    return line
  }

  #advance(length: number): number {
    if (!(length <= this.remaining)) throw this.#end(`${length} bytes`)
    const start = this.position
    this.position += length
    return start
  }

  #end(wanted: string): EndOfBytes {
    return new EndOfBytes(
      this.place,
      `unexpected end of data at byte ${this.bytes.length} (expected ${wanted} at byte ${this.position})`,
    )
  }
}
