// The stage 2 of a run, autoregressive or masked, as specified.
import type { SampleSpec } from '../../shared/run/run.ts'
import type { StageRecipe } from '../records/image-record.ts'
import type { OpenTransformer } from '../model-set/open-models.ts'
import type { Drawing } from './grid-decoder.ts'

type Stage2Spec = Pick<SampleSpec, 'stage2' | 'stage2Sampling' | 'masked'>

export const stage2Role = (kind: Stage2Spec['stage2']) => (kind === 'ar' ? 'stage2Ar' : 'stage2Nar')

/** Its sampling settings. */
export const stage2Drawing = ({ stage2Sampling, masked }: Stage2Spec): Drawing => ({
  sampling: stage2Sampling,
  masked,
})

export const stage2Recipe = ({ config, file }: OpenTransformer, spec: Stage2Spec): StageRecipe => ({
  kind: config.kind,
  sha256: file.sha256,
  sampling: spec.stage2Sampling,
  ...(spec.stage2 === 'nar' ? { masked: spec.masked } : {}),
})
