// A protobuf message -> its fields one after another: https://protobuf.dev/programming-guides/encoding/
import { FormatError } from '../../shared/errors.ts'

export interface Field {
  readonly number: number
  /** Value of a varint. For fixed 8 or 4 bytes see `bytes`. */
  readonly integer?: bigint
  /** Content of a length-delimited field, or the 8 or 4 bytes of a fixed one. */
  readonly bytes?: Uint8Array
}

const VARINT_BYTES = 10

/** Throws FormatError if the message ends inside a field, or has an obsolete kind of field. */
export function* fieldsOf(message: Uint8Array, place: string): Generator<Field> {
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let i = 0; i < VARINT_BYTES; i++) {
      const byte = message[at++]
      if (byte === undefined) throw new FormatError(place, 'message ends inside a number')
      value |= BigInt(byte & 0x7f) << BigInt(7 * i)
      if (byte < 0x80) return value
    }
    throw new FormatError(place, `number longer than ${VARINT_BYTES} bytes`)
  }
  const take = (length: number): Uint8Array => {
    if (!(length <= message.length - at))
      throw new FormatError(
        place,
        `field of ${length} bytes does not fit in the remaining ${message.length - at}`,
      )
    at += length
    return message.subarray(at - length, at)
  }
  while (at < message.length) {
    const tag = Number(varint())
    const [number, kind] = [tag >>> 3, tag & 7]
    if (kind === 0) yield { number, integer: varint() }
    else if (kind === 1) yield { number, bytes: take(8) }
    else if (kind === 2) yield { number, bytes: take(Number(varint())) }
    else if (kind === 5) yield { number, bytes: take(4) }
    else throw new FormatError(place, `unknown field type ${kind}`)
  }
}
