// A run of the workspace, as sent to a page.
import type { ReconstructRequest, RunState, SampleRequest } from './run.ts'

/** A run in the workspace folder. */
export interface WorkspaceRun {
  readonly id: string
  /** Given by a person. */
  readonly name?: string
  /** ISO time of the first start. */
  readonly started: string
  /**
   * The request, without paths; absent if the folder does not contain one (it failed, or is not a sampling
   * run).
   */
  readonly request?: SampleRequest
  /** For a reconstruction, instead of `request`. */
  readonly reconstruct?: ReconstructRequest
  /** For a reconstruction: names of the pictures, in image order. */
  readonly pictures?: readonly string[]
  /** Another process is working on it: it can be viewed here, but not stopped. */
  readonly elsewhere?: boolean
  /** Files it was made with, known once it has started: role, name and hash. */
  readonly models?: readonly { readonly role: string; readonly name: string; readonly sha256: string }[]
  /** Names of the requested classes, as they were when it was made; absent if the models had none. */
  readonly classNames?: Readonly<Record<number, string>>
  /** Device it runs or ran on, once known. */
  readonly device?: { readonly provider: string; readonly reason: string }
  /** Its state; runs of earlier sessions are done, or cancelled if images are missing. */
  readonly status: RunState['status']
  /** Finished images. */
  readonly finished: number
}
