// The part of the contract for work that SLURM runs: what can be submitted from here, and its state by task.
import * as z from 'zod'
import type { CallSchemas } from '../rpc/serve.ts'
import { SubmissionIdSchema, type SubmissionView } from './submission.ts'

/** What this machine, or the one in DIGIT_SLURM_HOST, offers. */
export interface SlurmState {
  /** Whether jobs can be submitted. */
  readonly available: boolean
  /** The default one first. */
  readonly partitions: readonly string[]
  /** Machine that is used by ssh. */
  readonly host?: string
}

/** Without folders; `of` is the id of the run, sweep, atlas or measured set that it makes. */
export interface PageSubmission extends Omit<SubmissionView, 'out' | 'folder'> {
  readonly of: string
}

export interface SlurmApi {
  slurmState(): Promise<SlurmState>
  /** The submissions of the workspace, newest first. */
  listSubmissions(): Promise<readonly PageSubmission[]>
  /** The last lines that a task wrote. */
  readTaskLog(submission: string, phase: string, task: number): Promise<readonly string[]>
  /** Submits what is missing: tasks that failed or were cancelled, and those that wait for them. */
  resubmit(submission: string): Promise<void>
  /** Cancels what is queued or running; finished work is kept. */
  cancelSubmission(submission: string): Promise<void>
}

const phase = z.string().max(200)
const task = z.number().int().min(0).max(100_000)

export const SLURM_CALLS: CallSchemas<SlurmApi> = {
  slurmState: z.tuple([]),
  listSubmissions: z.tuple([]),
  readTaskLog: z.tuple([SubmissionIdSchema, phase, task]),
  resubmit: z.tuple([SubmissionIdSchema]),
  cancelSubmission: z.tuple([SubmissionIdSchema]),
}
