// The page's end of the double's bridge: `window.digit`, with a port whose far side is relayed as text.
import { frameToMessage, messageToFrame } from '../../src/shared/rpc/frame.ts'

interface Port {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(message: unknown): void
  close(): void
}
interface PageWindow {
  readonly location: { readonly origin: string }
  postMessage(message: unknown, origin: string, transfer: unknown[]): void
  digitPort(): Promise<number>
  digitPost(line: number, text: string): void
  digit?: unknown
  digitBridge?: unknown
}
declare const window: PageWindow
declare const MessageChannel: new () => { readonly port1: Port; readonly port2: Port }

const lines = new Map<number, Port>()
window.digit = {
  async requestPort() {
    const { port1, port2 } = new MessageChannel()
    const line = await window.digitPort()
    lines.set(line, port2)
    port2.onmessage = ({ data }) => window.digitPost(line, btoa(binary(messageToFrame(data))))
    window.postMessage('digit-engine', window.location.origin, [port1])
  },
  openModels: async () => false,
  dropModels: async () => {},
}
window.digitBridge = {
  heard(line: number, text: string | null) {
    const port = lines.get(line)
    if (text === null) port?.close()
    else port?.postMessage(frameToMessage(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))))
  },
}

function binary(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
