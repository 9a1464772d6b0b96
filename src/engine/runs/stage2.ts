// The second stage of a run, token by token or masked, as its specification asks.
import type { SampleSpec } from '../../shared/run.ts'
import type { Provider } from '../session/index.ts'
import type { StageRecipe } from './image-record.ts'
import type { OpenTransformer } from './import.ts'
import type { GridStage } from './grid-stage.ts'
import { openStage2Autoregressive, openStage2Masked } from './stages.ts'

type Stage2Spec = Pick<SampleSpec, 'stage2' | 'sampling2' | 'masked' | 'weightBits'>

export const stage2Role = (kind: Stage2Spec['stage2']) => (kind === 'ar' ? 'stage2Ar' : 'stage2Nar')

export const openStage2 = (
  model: OpenTransformer,
  provider: Provider,
  spec: Stage2Spec,
): Promise<GridStage> =>
  spec.stage2 === 'ar'
    ? openStage2Autoregressive(model, provider, spec.weightBits, spec.sampling2)
    : openStage2Masked(model, provider, spec.weightBits, spec.sampling2, spec.masked)

export const stage2Recipe = ({ config, file }: OpenTransformer, spec: Stage2Spec): StageRecipe => ({
  kind: config.kind,
  sha256: file.sha256,
  sampling: spec.sampling2,
  ...(spec.stage2 === 'nar' ? { masked: spec.masked } : {}),
})
