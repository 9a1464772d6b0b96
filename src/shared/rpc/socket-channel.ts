// A WebSocket, of the browser or of the server -> a channel; each message is one binary frame.
import type { Channel } from './channel.ts'
import { frameToMessage, messageToFrame } from './frame.ts'

/** What the browser's WebSocket and that of `ws` have in common. */
interface SocketLike {
  binaryType: string
  readonly readyState: number
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: () => void): void
}

const OPEN = 1
/** Close code for data that is not what it should be. */
const INVALID_DATA = 1007

export function socketChannel(socket: SocketLike): Channel {
  socket.binaryType = 'arraybuffer'
  return {
    post(message) {
      if (socket.readyState === OPEN) socket.send(messageToFrame(message))
    },
    on(heard, closed) {
      socket.addEventListener('close', () => closed())
      socket.addEventListener('message', ({ data }) => {
        let message: unknown
        try {
          if (!(data instanceof ArrayBuffer)) throw new TypeError('only binary frames are understood')
          message = frameToMessage(new Uint8Array(data))
        } catch (error) {
          socket.close(INVALID_DATA, (error as Error).message.slice(0, 120))
          return
        }
        heard(message)
      })
    },
    close: () => socket.close(),
  }
}
