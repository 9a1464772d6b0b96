// The name of a feature extractor -> its network, opened.
import type { ExtractorName } from '../../metrics/index.ts'
import type { OpenModels } from '../../model-set/open-models.ts'
import type { Provider } from '../../session/index.ts'
import { findClip, openClip } from './clip-extractor.ts'
import { findInception, openDinov2, openInception, type Extractor } from './extractor.ts'

/** Files of networks that are not among the models. */
export interface NamedFiles {
  readonly inception?: string | undefined
  readonly clip?: string | undefined
}

/** Throws RequestError if its file is missing, ModelError if the file is not that network. */
export async function openExtractor(
  name: ExtractorName,
  models: OpenModels,
  provider: Provider,
  { inception, clip }: NamedFiles = {},
): Promise<Extractor> {
  if (name === 'inception') return openInception(await findInception(models, inception), provider)
  if (name === 'clip') return openClip(await findClip(models.modelSet.files, clip), provider)
  return openDinov2(models, provider)
}
