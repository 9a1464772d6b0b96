// Results of an edit that came out alike, in a few words.
import type { ImageDetails } from '../../../shared/contract/api.ts'

/**
 * Which results have the codes of the edited image, else how many share theirs with another result; undefined if all
 * differ. Images with equal codes have equal pixels.
 */
export function equalWords(
  edited: ImageDetails | undefined,
  results: readonly ImageDetails[],
): string | undefined {
  const all = results.map(({ codes }) => codes.tokens.join())
  const own = edited?.codes.tokens.join()
  const unchanged = all.filter((codes) => codes === own).length
  if (unchanged > 0)
    return all.length === 1
      ? 'Equal to the edited image'
      : `${unchanged === all.length ? `All ${unchanged}` : `${unchanged} of ${all.length}`} equal to the edited image`
  const distinct = new Set(all).size
  if (distinct === all.length) return undefined
  return distinct === 1 ? `All ${all.length} are equal` : `Only ${distinct} of ${all.length} differ`
}
