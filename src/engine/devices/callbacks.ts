// Callbacks passed to a recipe, and its result.
import type { ImageEntry, Preview } from '../../shared/contract/api.ts'
import type { Networks } from './network-pool.ts'

/** Progress of the grids of some images, as reported to a page. */
export type GridsPreview = Omit<Preview, 'run'>

export interface RunCallbacks {
  /** Finished and total units of work, and the current activity in a few words. */
  progress(step: number, of: number, note: string): void
  /** Aborted when the run should stop at its next chunk; the recipe then rejects with `signal.reason`. */
  readonly signal: AbortSignal
  /** Networks that stay open between runs. @default a run opens and closes its own */
  readonly networks?: Networks
  /** Awaited between two chunks of work, so that short calls are answered first. */
  readonly turn?: (() => Promise<void>) | undefined
  /** The grids in progress, row by row or step by step; `part` names a run within the run: the cell of a sweep. */
  preview?(preview: GridsPreview, part?: string): void
  /** An image is on disk. */
  finished?(image: ImageEntry, part?: string): void
  /** A part of the work has its result: a cell of a sweep, a layer of a probe. */
  partFinished?(part: string): void
}

export interface RunResult {
  /** Finished items in the run folder, including those of earlier runs. */
  readonly finished: number
  /** One line for the user: what was made and where it is. */
  readonly summary: string
  /** Of an evaluation: the key of its stamp. */
  readonly measured?: string
}
