// A run of the workspace, as a page is told of it.
import type { ReconstructRequest, RunState, SampleRequest } from './run.ts'

/** A run in the workspace folder. */
export interface WorkspaceRun {
  readonly id: string
  /** ISO time it was first started. */
  readonly started: string
  /** What was asked, without paths; absent where the folder does not say (then it has failed, or is no sampling). */
  readonly request?: SampleRequest
  /** Of a reconstruction, in place of `request`. */
  readonly reconstruct?: ReconstructRequest
  /** Of a reconstruction: names of the pictures, in the order of the images made from them. */
  readonly pictures?: readonly string[]
  /** Another process works on it: it can be looked at from here, not stopped. */
  readonly elsewhere?: boolean
  /** Files it was made with, once it has started: what each is for, its name and hash. */
  readonly models?: readonly { readonly role: string; readonly name: string; readonly sha256: string }[]
  /** Where it was or is computed, once that is settled. */
  readonly device?: { readonly provider: string; readonly reason: string }
  /** How it stands; runs of earlier sessions are done, or cancelled where images are missing. */
  readonly status: RunState['status']
  /** Finished images. */
  readonly finished: number
}
