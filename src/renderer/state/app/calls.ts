// The engine's calls, for the state modules.
import type { EngineApi } from '../../../shared/contract/api.ts'

let engine: EngineApi | undefined

/** Sets the engine that `calls` returns. */
export function useEngine(api: EngineApi): void {
  engine = api
}

/** The engine's calls. */
export function calls(): EngineApi {
  if (!engine) throw new Error('calls: the page has no engine yet')
  return engine
}
