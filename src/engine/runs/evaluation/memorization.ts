// Samples against the images that their model was trained on -> whether they are copies, beside held-out images.
import { authenticity, dataCopying, type FeatureRows, type Work } from '../../metrics/index.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import type { Keep } from '../../devices/scope.ts'
import type { Extractor } from './extractor.ts'
import { openSetFeatures } from './features.ts'
import type { ImageSet } from './image-set.ts'
import type { Measures } from './measure.ts'

interface Sets {
  readonly samples: FeatureRows
  /** Of the images of the reference. Undefined for statistics. */
  readonly training: FeatureRows | undefined
  /** Real images that no model was trained on. */
  readonly heldOut: ImageSet | undefined
}

type Found = Pick<Measures, 'results' | 'settings' | 'notes'>

/** C_T needs held-out images; AuthPct is given for them, too, since for few training images it is far below 100. */
export async function measureMemorization(
  { samples, training, heldOut }: Sets,
  extractor: Extractor,
  work: Work,
  callbacks: RunCallbacks & { readonly note: (words: string) => void },
  keep: Keep,
): Promise<Found> {
  if (!training || training.count < 2)
    return { results: {}, settings: {}, notes: ['C_T and AuthPct: the reference has no images'] }
  const { note } = callbacks
  note('AuthPct')
  const results: Record<string, number> = { authpct: await authenticity(samples, training, work) }
  const settings: Record<string, string | number> = { reference_is: 'the training set, as stated' }
  if (!heldOut)
    return { results, settings, notes: ['C_T: no held-out images were named, so AuthPct is not calibrated'] }
  const held = keep(await openSetFeatures(heldOut, extractor, callbacks))
  const rows = held.layers.features!
  results.authpct_held_out = await authenticity(rows, training, work)
  note('C_T')
  const copying = await dataCopying(samples, rows, training, work)
  if (!copying)
    return { results, settings, notes: ['C_T: no cell has more than 20 samples, and held-out images'] }
  results.data_copying_score = copying.score
  return {
    results,
    settings: {
      ...settings,
      held_out: heldOut.count,
      held_out_sha256: held.sha256,
      copying_cells: copying.cells,
    },
    notes: [],
  }
}
