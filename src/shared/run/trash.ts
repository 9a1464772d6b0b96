// The workspace's trash: runs, sweeps and verdicts removed from the library, to be restored or deleted.
import * as z from 'zod'
import { RunIdSchema } from './run.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import type { WorkspaceRun } from './listed-run.ts'

export interface Trashed {
  readonly id: string
  readonly kind: 'run' | 'sweep' | 'verdict'
  /** ISO time. */
  readonly started: string
  /** Of all files in its folder. */
  readonly bytes: number
  /** Absent for a sweep or verdict. */
  readonly run?: WorkspaceRun
}

export interface TrashApi {
  /** Newest first. `restoreRun`, `restoreSweep` and `restoreVerdict` restore them. */
  listTrash(): Promise<readonly Trashed[]>
  /** Permanently deletes these runs, sweeps and verdicts with their images. */
  deleteTrashed(ids: readonly string[]): Promise<void>
}

export const TRASH_CALLS: CallSchemas<TrashApi> = {
  listTrash: z.tuple([]),
  deleteTrashed: z.tuple([z.array(RunIdSchema).min(1).max(100_000)]),
}
