// The page's end of the double's bridge: `window.digit`, with a port whose far side is relayed as text.
import { frameToMessage, messageToFrame } from '../../../src/shared/rpc/frame.ts'

interface Port {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(message: unknown): void
  dispatchEvent(event: unknown): void
}
interface PageWindow {
  readonly location: { readonly origin: string }
  postMessage(message: unknown, origin: string, transfer: unknown[]): void
  addEventListener(type: 'message', listener: (event: { readonly ports: readonly Port[] }) => void): void
  digitPort(): Promise<number>
  digitPost(line: number, text: string): void
  digitDrop(purpose: string, names: readonly string[]): Promise<void>
  digit?: unknown
  digitBridge?: unknown
}
declare const window: PageWindow
declare const MessageChannel: new () => { readonly port1: Port; readonly port2: Port }

declare const Event: new (type: string) => unknown

/** Far ends by line, and the near end that the page has now: a port that is sent becomes another object. */
const lines = new Map<number, Port>()
let near: Port | undefined
window.addEventListener('message', ({ ports: [port] }) => (near = port ?? near))
window.digit = {
  async requestPort() {
    const { port1, port2 } = new MessageChannel()
    const line = await window.digitPort()
    lines.set(line, port2)
    port2.onmessage = ({ data }) => window.digitPost(line, btoa(binary(messageToFrame(data))))
    window.postMessage('digit-engine', window.location.origin, [port1])
  },
  onEngineTrouble() {},
  choose: async () => false,
  drop: (purpose: string, files: readonly { readonly name: string }[]) =>
    window.digitDrop(
      purpose,
      files.map(({ name }) => name),
    ),
}
window.digitBridge = {
  heard(line: number, text: string | null) {
    // Electron notifies a port that its other end is gone; browsers may not.
    if (text === null) near?.dispatchEvent(new Event('close'))
    else
      lines.get(line)?.postMessage(frameToMessage(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))))
  },
}

function binary(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
