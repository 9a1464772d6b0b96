// The codebooks of the open models -> a color for each of their tokens, computed once per codebook.
import type { TokenColours } from '../../shared/atlas/token-colours.ts'
import type { GridName } from '../../shared/grid/layout.ts'
import type { OpenModels } from '../model-set/open-models.ts'
import { arrayPath, isThere, readArray } from '../runs/atlas/atlas-files.ts'
import { readCodebook } from '../runs/atlas/codebook-entries.ts'
import { meaningColours } from '../tokens/meaning-colours.ts'
import { atlasFolder, findAtlases } from '../workspace/atlases.ts'

/** Both codebooks of a few models: at most 48 kB each. */
const KEPT = 8
const known = new Map<string, Pick<TokenColours, 'codebook' | 'entries' | 'meaning'>>()

export async function tokenColours(
  models: OpenModels,
  tokens: GridName,
  workspace: string,
): Promise<TokenColours> {
  const { file } = await models.open(tokens === 'codes' ? 'vqgan' : 'codebook')
  const key = `${tokens}/${file.sha256}`
  const kept = known.get(key) ?? (await ofCodebook(models, tokens))
  known.delete(key)
  known.set(key, kept)
  for (const old of known.keys()) if (known.size > KEPT) known.delete(old)
  const hashes = models.modelSet.files.map(({ sha256 }) => sha256)
  return { ...kept, models: hashes, ...(await ofPatches(kept, tokens, workspace)) }
}

async function ofCodebook(models: OpenModels, tokens: GridName) {
  const { entries, K, D, sha256 } = await readCodebook(models, tokens)
  return { codebook: sha256, entries: K, meaning: meaningColours(entries, D) }
}

async function ofPatches(
  { codebook, entries }: Pick<TokenColours, 'codebook' | 'entries'>,
  tokens: GridName,
  workspace: string,
): Promise<Pick<TokenColours, 'appearance' | 'lacks'>> {
  const own = (await findAtlases(workspace))
    .filter((atlas) => atlas.info && atlas.tokens === tokens && atlas.codebook === codebook)
    .sort((a, b) => b.info!.cells - a.info!.cells)
  for (const { id } of own) {
    const folder = atlasFolder(workspace, id)
    if (!(await isThere(arrayPath(folder, 'colours')))) continue
    const appearance = await readArray(folder, 'colours', Uint8Array)
    if (appearance.length === entries * 3) return { appearance }
  }
  return {
    lacks:
      own.length === 0
        ? 'This needs an atlas of the codebook: build one on the Clusters page.'
        : 'The atlas of the codebook has no colors of patches: build it again on the Clusters page.',
  }
}
