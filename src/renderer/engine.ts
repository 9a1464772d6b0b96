// The engine as the page sees it: calls, events and the state of the connection, whichever host carries them.
import type { EngineApi, EngineEvents } from '../shared/api.ts'

/**
 *   connecting -> connected <-> lost
 *        `-----------------------^      (an engine that cannot be reached is tried again)
 */
export type ConnectionState = 'connecting' | 'connected' | 'lost'

export interface EngineConnection {
  readonly api: EngineApi
  /** Listens from now on, across reconnections. */
  on<E extends keyof EngineEvents>(event: E, listener: EngineEvents[E]): void
  /** Told at once and at every change; `connected` means that events before it may have been missed. */
  onState(listener: (state: ConnectionState) => void): void
}
