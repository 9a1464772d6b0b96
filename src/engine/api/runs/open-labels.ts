// The labels of the open codebook, for images that the open models made.
import type { Labels } from '../../paper/publish/image-facts.ts'
import { labelPlace, readClusterLabels } from '../../workspace/cluster-labels.ts'
import type { EngineContext } from '../context.ts'

/** No labels where no models are open, or where the file of labels cannot be read. */
export async function openLabels(
  workspace: string,
  modelsInUse: EngineContext['modelsInUse'],
): Promise<Labels> {
  const none: ReadonlyMap<number, string> = new Map()
  try {
    const { modelSet, hashes } = modelsInUse()
    const codebook = modelSet.files.find(({ id }) => id === modelSet.set.codebook)
    if (!codebook) return () => none
    const labels = await readClusterLabels(await labelPlace(codebook, workspace))
    const known = new Map(
      labels.flatMap(({ entry, label }) => (label === '' ? [] : [[entry, label] as const])),
    )
    return (models) => (models.every((sha256) => hashes.has(sha256)) ? known : none)
  } catch {
    return () => none
  }
}
