// The part of the contract for colors and labels of the codebooks in use.
import type { TokenColoursApi } from '../../../shared/atlas/token-colours.ts'
import type { GridName } from '../../../shared/grid/layout.ts'
import { scope } from '../../devices/scope.ts'
import { tokenColours } from '../../inspect/token-colours.ts'
import { openModels, type OpenModels } from '../../model-set/open-models.ts'
import { labelPlace, readClusterLabels } from '../../workspace/cluster-labels.ts'
import type { ColourSource } from '../../paper/figure-colours.ts'
import type { EngineContext } from '../context.ts'
import { withoutFolders } from '../folders.ts'

export function tokenColourCalls({
  workspace,
  modelsInUse,
}: Pick<EngineContext, 'workspace' | 'modelsInUse'>): TokenColoursApi {
  const opening = async <T>(work: (models: OpenModels) => Promise<T>): Promise<T> => {
    const { fields, folders } = modelsInUse()
    try {
      return await scope(async (keep) => work(keep(await openModels([fields.model], fields.choose))))
    } catch (error) {
      if (error instanceof Error) error.message = withoutFolders(error.message, [...folders, workspace])
      throw error
    }
  }
  return {
    readTokenColours: (tokens) => opening((models) => tokenColours(models, tokens, workspace)),
    readCodebookLabels: (tokens) => opening((models) => labelsOf(models, tokens, workspace)),
  }
}

/** The same for other models, without an engine. */
export const coloursOfModels =
  (model: string, workspace: string): ColourSource =>
  (tokens) =>
    scope(async (keep) => tokenColours(keep(await openModels([model])), tokens, workspace))

async function labelsOf(models: OpenModels, tokens: GridName, workspace: string) {
  const { file } = await models.open(tokens === 'codes' ? 'vqgan' : 'codebook')
  return readClusterLabels(await labelPlace(file, workspace))
}
