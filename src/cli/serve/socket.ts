// WebSockets of pages, each connected to an engine channel: only with the token and from the page itself.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { MAX_HANDED_BYTES } from '../../shared/contract/handed-pictures.ts'
import type { Channel, Message } from '../../shared/rpc/channel.ts'
import { socketChannel } from '../../shared/rpc/socket-channel.ts'
import { GRANTED, REFUSED } from '../../shared/contract/web-access.ts'
import { isLoopbackHost, isOwnOrigin, tokensEqual } from './door.ts'
import { addressOf } from './page.ts'

/** Pictures and their names are the largest messages a page sends; without the token nothing is accepted. */
export const MAX_MESSAGE_BYTES = MAX_HANDED_BYTES + 2 ** 16
/** The largest valid message has labels and tags of 65,536 clusters. */
export const MAX_MESSAGE_VALUES = 2 ** 22
export const MAX_PAGES = 64
const HEARTBEAT_MS = 15_000
/**
 * A page that does not keep up gets no previews above the first limit and is disconnected above the second.
 */
const SLOW_BYTES = 2 ** 22
const LOST_BYTES = 2 ** 28

export interface PageSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): void
}

/**
 * `openLine` returns undefined while there is no engine; a page that misses a heartbeat is disconnected at
 * the next.
 */
export function pageSockets(
  token: string,
  openLine: () => Channel | undefined,
  heartbeatMs = HEARTBEAT_MS,
): PageSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (_, request) => (hasToken(request, token) ? GRANTED : REFUSED),
  })
  const heartbeat = setInterval(() => {
    for (const socket of server.clients) {
      if (unheard.has(socket)) socket.terminate()
      unheard.add(socket)
      socket.ping()
    }
  }, heartbeatMs)
  const unheard = new WeakSet<WebSocket>()

  const join = (socket: WebSocket, line: Channel) => {
    const page = socketChannel(socket, MAX_MESSAGE_VALUES)
    // The close event that follows reports what is wrong with a frame.
    socket.on('error', () => {})
    socket.on('pong', () => unheard.delete(socket))
    page.on((message) => passOn(message as Message, line, page), line.close)
    line.on((message) => {
      if (socket.bufferedAmount > LOST_BYTES) socket.terminate()
      else if (socket.bufferedAmount < SLOW_BYTES || !isPreview(message)) page.post(message as Message)
    }, page.close)
  }
  return {
    upgrade(request, socket, head) {
      const refuse = (status: string) => {
        socket.on('error', () => {})
        socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      }
      if (!isWelcome(request)) return refuse('403 Forbidden')
      // Told in the handshake, because a browser keeps the reason of a failed one from its page.
      if (!hasToken(request, token))
        return server.handleUpgrade(request, socket, head, (accepted) => {
          accepted.on('error', () => {})
          accepted.close()
        })
      const line = server.clients.size < MAX_PAGES ? openLine() : undefined
      if (!line) return refuse('503 Service Unavailable')
      let joined = false
      server.handleUpgrade(request, socket, head, (accepted) => {
        joined = true
        join(accepted, line)
      })
      // A handshake rejected by `ws`.
      if (!joined) line.close()
    },
    close() {
      clearInterval(heartbeat)
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}

function isWelcome(request: IncomingMessage): boolean {
  const { host, origin } = request.headers
  return isLoopbackHost(host) && isOwnOrigin(origin, host) && addressOf(request)?.pathname === '/engine'
}

/** The last of the subprotocols, in the order in which the page names them. */
function hasToken({ headers }: IncomingMessage, token: string): boolean {
  return tokensEqual(headers['sec-websocket-protocol']?.split(',').at(-1)?.trim(), token)
}

/** A call that cannot be passed on is answered with an error; the host keeps running. */
function passOn(message: Message, line: Channel, page: Channel): void {
  try {
    line.post(message)
  } catch (error) {
    const { name, message: problem } = error as Error
    if (typeof message === 'object' && message !== null && 'call' in message)
      page.post({ answer: message.call, error: { name, message: problem, call: message.name } })
  }
}

const isPreview = (message: unknown) =>
  typeof message === 'object' && message !== null && 'event' in message && message.event === 'preview'
