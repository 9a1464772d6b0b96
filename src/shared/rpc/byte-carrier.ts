// A bidirectional byte stream -> a carrier: each message is one frame after its length.
//   u32 length of the frame (little-endian) | frame | u32 length | frame ...
// For two programs with different versions of V8: Node's own channel uses the format of V8, and an older V8 refuses
// that of a newer one (value-serializer.cc: version 16 after 15).
import { frameToMessage, messageToFrame } from './frame.ts'
import type { Carrier } from './multiplex.ts'

/** The required part of a Node socket. */
export interface ByteStream {
  write(bytes: Uint8Array): unknown
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown
  on(event: 'close' | 'error', listener: () => void): unknown
}

const LENGTH_BYTES = 4

export function byteCarrier(stream: ByteStream): Carrier {
  let gone = false
  return {
    post(data) {
      if (gone) return
      const frame = messageToFrame(data)
      const length = new Uint8Array(LENGTH_BYTES)
      new DataView(length.buffer).setUint32(0, frame.length, true)
      stream.write(length)
      stream.write(frame)
    },
    on(heard, closed) {
      const frames = splitFrames((frame) => heard(frameToMessage(frame)))
      stream.on('data', frames)
      // An error is followed by `close`, but needs a listener.
      stream.on('error', () => {})
      stream.on('close', () => {
        if (!gone) closed()
        gone = true
      })
    },
  }
}

/** Pieces of any size in, complete frames out. A frame of many pieces is joined only once. */
function splitFrames(found: (frame: Uint8Array) => void): (piece: Uint8Array) => void {
  let pieces: Uint8Array[] = []
  let held = 0
  const take = (bytes: number): Uint8Array => {
    if (pieces.length === 0 || pieces[0]!.length < bytes) pieces = [join(pieces, held)]
    const [first, ...rest] = pieces
    pieces = first!.length > bytes ? [first!.subarray(bytes), ...rest] : rest
    held -= bytes
    return first!.subarray(0, bytes)
  }
  let wanted: number | undefined
  return (piece) => {
    pieces.push(piece)
    held += piece.length
    for (;;) {
      if (wanted === undefined) {
        if (held < LENGTH_BYTES) return
        const { buffer, byteOffset } = take(LENGTH_BYTES)
        wanted = new DataView(buffer, byteOffset, LENGTH_BYTES).getUint32(0, true)
      }
      if (held < wanted) return
      const frame = take(wanted)
      wanted = undefined
      found(frame)
    }
  }
}

function join(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes)
  let end = 0
  for (const piece of pieces) {
    all.set(piece, end)
    end += piece.length
  }
  return all
}
