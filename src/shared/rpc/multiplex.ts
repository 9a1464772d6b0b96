// One connection between two processes -> many channels, opened by one side with consecutive numbers.
import type { Channel } from './channel.ts'

/** The connection between two processes. */
export interface Carrier {
  post(data: unknown): void
  on(heard: (data: unknown) => void, closed: () => void): void
}

type Envelope = { readonly line: number } & (
  | { readonly message: unknown }
  | { readonly opened: true }
  | { readonly closed: true }
)

interface Line {
  heard(message: unknown): void
  closed(): void
}

/**
 * `opened` receives the channels that the other side opens. Returns a function that opens one from this side.
 */
export function multiplex(carrier: Carrier, opened: (channel: Channel, line: number) => void = () => {}) {
  const lines = new Map<number, Line>()
  let last = -1
  let gone = false

  const end = (line: number) => {
    const ending = lines.get(line)
    lines.delete(line)
    ending?.closed()
  }
  const post = (envelope: Envelope) => {
    if (!gone) carrier.post(envelope)
  }
  const channel = (line: number): Channel => {
    if (!gone) lines.set(line, { heard: () => {}, closed: () => {} })
    return {
      post: (message) => post({ line, message }),
      on(heard, closed) {
        if (lines.has(line)) lines.set(line, { heard, closed })
        else closed()
      },
      close() {
        if (lines.has(line)) post({ line, closed: true })
        end(line)
      },
    }
  }
  carrier.on(
    (data) => {
      const envelope = data as Envelope
      if ('message' in envelope) lines.get(envelope.line)?.heard(envelope.message)
      else if ('closed' in envelope) end(envelope.line)
      else opened(channel(envelope.line), envelope.line)
    },
    () => {
      gone = true
      for (const line of [...lines.keys()]) end(line)
    },
  )
  return (): Channel => {
    const line = ++last
    post({ line, opened: true })
    return channel(line)
  }
}
