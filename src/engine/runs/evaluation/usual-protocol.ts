// Which protocol is meant where none is named.
import type { ProtocolName } from '../../../shared/evaluation/evaluation.ts'
import type { SampleSpec } from '../../../shared/run/run.ts'
import { openModels } from '../../model-set/open-models.ts'
import { inceptionAmong } from './extractor.ts'

/** torch-fidelity, or dinov2 where the models have no Inception weights, as in the demo. */
export async function usualProtocol({
  model,
  choose,
}: Pick<SampleSpec, 'model' | 'choose'>): Promise<ProtocolName> {
  const models = await openModels([model], choose)
  try {
    return (await inceptionAmong(models.modelSet.files)) ? 'torch-fidelity' : 'dinov2'
  } finally {
    await models.close()
  }
}
