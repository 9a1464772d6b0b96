// A WebSocket, of the browser or the server -> a channel; each message is one binary frame.
import type { Channel, Message } from './channel.ts'
import { frameToMessage, messageToFrame } from './frame.ts'

/** The common interface of the browser's WebSocket and that of `ws`. */
interface SocketLike {
  binaryType: string
  readonly readyState: number
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: () => void): void
}

const OPEN = 1
/** Close codes: for invalid data, and for messages that cannot be encoded. */
const INVALID_DATA = 1007
const INTERNAL_ERROR = 1011
const MAX_REASON = 120

/** @param maxValues limit for a message from an untrusted other side */
export function socketChannel(socket: SocketLike, maxValues?: number): Channel {
  socket.binaryType = 'arraybuffer'
  return {
    post(message) {
      if (socket.readyState !== OPEN) return
      try {
        socket.send(messageToFrame(message))
      } catch (error) {
        // A call that cannot be sent throws to its caller; an answer may come from another process, whose
        // call must end.
        if ('call' in message) throw error
        if ('answer' in message) socket.send(messageToFrame(failed(message.answer, error as Error)))
        else socket.close(INTERNAL_ERROR, (error as Error).message.slice(0, MAX_REASON))
      }
    },
    on(heard, closed) {
      socket.addEventListener('close', () => closed())
      socket.addEventListener('message', ({ data }) => {
        let message: unknown
        try {
          if (!(data instanceof ArrayBuffer)) throw new TypeError('only binary frames are supported')
          message = frameToMessage(new Uint8Array(data), maxValues)
        } catch (error) {
          socket.close(INVALID_DATA, (error as Error).message.slice(0, MAX_REASON))
          return
        }
        heard(message)
      })
    },
    close: () => socket.close(),
  }
}

/** The caller knows which call it was. */
const failed = (answer: number, { name, message }: Error): Message => ({
  answer,
  error: { name, message, call: '' },
})
