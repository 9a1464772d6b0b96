// The engine as one value: everything a host can ask, and the events it can listen to.
import type { EngineApi, EngineEvents } from '../../shared/api.ts'
import { modelCalls } from './models.ts'
import { runCalls } from './runs.ts'

export { demoFolder } from '../runs/import.ts'

export interface Engine {
  readonly api: EngineApi
  /** Listens from now on; returns the function that stops it. */
  on<E extends keyof EngineEvents>(event: E, listener: EngineEvents[E]): () => void
}

export function createEngine(): Engine {
  const listeners: { readonly [E in keyof EngineEvents]: Set<EngineEvents[E]> } = { runChanged: new Set() }
  const events: EngineEvents = {
    runChanged: (run) => listeners.runChanged.forEach((listener) => listener(run)),
  }
  return {
    api: { ...modelCalls, ...runCalls(events) },
    on(event, listener) {
      listeners[event].add(listener)
      return () => void listeners[event].delete(listener)
    },
  }
}
