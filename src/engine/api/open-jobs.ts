// Queued and running jobs of all kinds that a later session can resume, in the order of their start.
import type { EngineApi } from '../../shared/contract/api.ts'

/** The calls that resume work, or start it again with the same id; finished parts on disk are kept. */
export const RESUMING = [
  'resumeRun',
  'resumeSweep',
  'resumeVerdict',
  'resumeProbe',
  'resumeLikelihood',
  'resumeKMeans',
  'startEvaluation',
  'startNearest',
  'startAtlas',
  'startMap',
  'startCodebooks',
] as const satisfies readonly (keyof EngineApi)[]

/** One of them with its arguments. */
export type ResumingCall = {
  readonly [Name in (typeof RESUMING)[number]]: {
    readonly call: Name
    readonly args: Parameters<EngineApi[Name]>
  }
}[(typeof RESUMING)[number]]

export interface OpenJob {
  readonly resume: ResumingCall
  /** Cancels it; resolves when it has ended. */
  stop(): Promise<void>
}

export type OpenJobs = Set<OpenJob>
