// A codebook -> the nearest entries of each entry, and its maps: principal components always, UMAP on request.
import type { Provider } from '../../session/index.ts'
import { principalComponents, projectRows } from '../../tokens/principal-components.ts'
import { TOP } from './atlas-files.ts'
import { UMAP_LEAST, umapOf } from './atlas-umap.ts'
import type { AtlasWork } from './atlas-work.ts'
import { nearestEntries } from './codebook-entries.ts'

export async function writeAtlasMaps(work: AtlasWork, provider: Provider): Promise<void> {
  const { spec, codebook, array, callbacks } = work
  const { K, D, entries } = codebook
  const count = Math.min(TOP, K - 1)
  for (const by of ['l2', 'cosine'] as const) {
    const nearest = once(() => nearestEntries(codebook, by, count, provider))
    const shape = [K, count]
    // Distances first: if the neighbours exist, both files do.
    await array(`nearest-${by}-distances`, `nearest entries, ${by}`, async () => ({
      data: (await nearest()).distances,
      shape,
    }))
    await array(`nearest-${by}`, `nearest entries, ${by}`, async () => ({
      data: (await nearest()).entries,
      shape,
    }))
  }
  await array('pca', 'principal components', async () => ({
    data: projectRows(entries, principalComponents(entries, D, 2)),
    shape: [K, 2],
  }))
  if (!spec.umap || K < UMAP_LEAST) return
  await array('umap', 'UMAP', async () => ({
    data: await umapOf(spec.out, K, spec.seed, callbacks),
    shape: [K, 2],
  }))
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
