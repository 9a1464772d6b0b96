// The whole contract between the engine and its hosts: what can be asked, and what is told unasked.
import type { ModelLibrary } from './models.ts'
import type { RunSpec, RunState } from './run.ts'

export interface EngineApi {
  /** Looks at files and folders and matches what fits together. */
  importModels(paths: readonly string[]): Promise<ModelLibrary>
  /** Starts or resumes a run and returns its id; `runChanged` tells the rest. */
  startRun(spec: RunSpec): Promise<string>
  /** Stops a run at its next chunk; what is finished is kept. */
  cancelRun(id: string): Promise<void>
  /** Every run of this process: the snapshot that events then keep up to date. */
  listRuns(): Promise<readonly RunState[]>
}

export interface EngineEvents {
  runChanged(run: RunState): void
}
