// The engine's calls, for the modules of the state.
import type { EngineApi } from '../../../shared/contract/api.ts'

let engine: EngineApi | undefined

/** Sets the engine that `calls` answers. */
export function useEngine(api: EngineApi): void {
  engine = api
}

/** What may be asked of the engine. */
export function calls(): EngineApi {
  if (!engine) throw new Error('calls: the page has no engine yet')
  return engine
}
