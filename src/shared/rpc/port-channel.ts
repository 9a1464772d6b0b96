// A MessagePort, of a page or a Node thread -> a channel; messages are structured clones.
import type { Channel } from './channel.ts'

interface PortLike {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: () => void): void
  start(): void
  close(): void
}

export function portChannel(port: PortLike): Channel {
  return {
    post: (message) => port.postMessage(message),
    on(heard, closed) {
      let told = false
      port.addEventListener('message', ({ data }) => heard(data))
      port.addEventListener('close', () => {
        if (!told) closed()
        told = true
      })
      port.start()
    },
    close: () => port.close(),
  }
}
