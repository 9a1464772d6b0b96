// What a run and the process of a card send each other.
import type { SampleSpec } from '../../../shared/run/run.ts'
import type { GridsPreview } from '../../devices/callbacks.ts'
import type { ImageJob } from '../../records/image-record.ts'
import type { MadeImage } from '../image-work.ts'

/** First the specification, then one batch after another. */
export type ToCard = { readonly spec: SampleSpec } | { readonly batch: readonly ImageJob[] }

export type FromCard =
  | { readonly note: string; readonly share: number }
  | { readonly preview: GridsPreview }
  | { readonly made: readonly MadeImage[] }
  | { readonly problem: string }
