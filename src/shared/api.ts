// The whole contract between the engine and its hosts: what can be asked, and what is told unasked.
import type { FileContents, ModelChoice, ModelLibrary } from './models.ts'
import type { RunSpec, RunState } from './run.ts'

export interface EngineApi {
  /** Looks at files and folders and matches what fits together. */
  importModels(paths: readonly string[], choose?: ModelChoice): Promise<ModelLibrary>
  /** What is inside one checkpoint, as inert data. */
  readFile(path: string): Promise<FileContents>
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
