// What every part of the contract is given.
import type { HostEvents } from '../../shared/contract/api.ts'
import type { OpenModelSet } from './models/models.ts'
import type { Queue } from './queue.ts'

export interface EngineContext {
  readonly workspace: string
  readonly queue: Queue
  /** Throws RequestError while there are none. */
  readonly modelsInUse: () => OpenModelSet
  /** Sends an event to whoever listens. */
  readonly events: HostEvents
}
