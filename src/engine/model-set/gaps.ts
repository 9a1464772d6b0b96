// A set of models -> what cannot be done with it, in plain words.
import type { MatchedModels } from '../../shared/models/models.ts'

interface Gap {
  readonly open: (set: MatchedModels) => boolean
  readonly note: string
}

const stage2 = (set: MatchedModels) => Boolean(set.stage2Ar || set.stage2Nar)
const stage1 = (set: MatchedModels) => Boolean(set.stage1 || set.stage1Class)

const GAPS: readonly Gap[] = [
  {
    open: (set) => !stage1(set) && !set.vqAr,
    note: 'no stage 1: nothing can be sampled from scratch',
  },
  {
    open: (set) => !set.stage1 && Boolean(set.stage1Class),
    note: 'no unconditional stage 1: sampling needs a class',
  },
  {
    open: (set) => Boolean(set.stage1) && !set.stage1Class,
    note: 'no class-conditional stage 1: sampling by class is not possible',
  },
  {
    open: (set) => !stage2(set),
    note: 'no stage 2: discriminative tokens cannot be turned into VQGAN codes, so no images can be made',
  },
  {
    open: (set) => !set.vqgan,
    note: 'no VQGAN: tokens can be sampled but not decoded to pixels',
  },
  {
    open: (set) => !set.encoder,
    note: 'no encoder (DINOv2): images cannot be tokenized or reconstructed (not needed for sampling)',
  },
  {
    open: (set) => !set.codebook,
    note: 'no codebook (K-Means centroids): images cannot be tokenized or reconstructed (not needed for sampling)',
  },
  {
    open: (set) => Boolean(set.vqgan) && !set.vqganConfig,
    note: 'no VQGAN yaml: sizes are inferred from tensor shapes, the number of GroupNorm groups is assumed',
  },
]

/** One note per missing item; for an empty set, a single note. */
export function gaps(set: MatchedModels): string[] {
  if (Object.keys(set).length === 0) return ['no DiGIT models found']
  return GAPS.filter((gap) => gap.open(set)).map((gap) => gap.note)
}
