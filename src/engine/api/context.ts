// Shared context of every part of the contract.
import type { HostEvents } from '../../shared/contract/api.ts'
import type { OpenModelSet } from './models/models.ts'
import type { OpenJobs } from './open-jobs.ts'
import type { Queue } from './queue.ts'
import type { Places } from './slurm/slurm-step.ts'

export interface EngineContext {
  readonly workspace: string
  readonly queue: Queue
  /** Work here or in SLURM. */
  readonly places: Places
  /** Open jobs that can be resumed. */
  readonly openJobs: OpenJobs
  /** Throws RequestError if no models are open. */
  readonly modelsInUse: () => OpenModelSet
  /** Sends an event to all listeners. */
  readonly events: HostEvents
}
