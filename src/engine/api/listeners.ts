// Events of the engine -> all listeners: the host, and a channel to each page.
import type { HostEvents } from '../../shared/contract/api.ts'
import { HOST_EVENTS } from '../../shared/contract/events.ts'

export interface Listeners {
  /** Sends an event to everyone who listens. */
  readonly events: HostEvents
  /** Listens from now on; returns the function that stops it. */
  on<E extends keyof HostEvents>(event: E, listener: HostEvents[E]): () => void
}

type Listener = (...args: readonly unknown[]) => void

export function eventListeners(): Listeners {
  const listeners = new Map(HOST_EVENTS.map((event) => [event, new Set<Listener>()]))
  const send = (event: keyof HostEvents) => [
    event,
    (...args: readonly unknown[]) => listeners.get(event)!.forEach((listener) => listener(...args)),
  ]
  return {
    events: Object.fromEntries(HOST_EVENTS.map(send)) as HostEvents,
    on(event, listener) {
      const among = listeners.get(event)!
      among.add(listener as Listener)
      return () => void among.delete(listener as Listener)
    },
  }
}
