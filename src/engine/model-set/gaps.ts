// A set of models -> what cannot be done with it, in plain words.
import { SHARED_ROLES, type MatchedModels } from '../../shared/models/models.ts'
import { commandNeeds } from '../../shared/models/needs.ts'

const ASSUMED =
  'no VQGAN yaml: sizes are inferred from tensor shapes, the number of GroupNorm groups is assumed'

/**
 * One note per missing model, with the commands that need it; for an empty set, a single note. `others`: there are
 * generators of other families, so that DiGIT may not be meant at all.
 */
export function gaps(set: MatchedModels, others = false): string[] {
  if (others && Object.keys(set).every((role) => SHARED_ROLES.has(role))) return []
  if (Object.keys(set).length === 0) return ['no DiGIT models found']
  const lacking = new Map<string, string[]>()
  for (const { command, lacks } of commandNeeds({ set }))
    for (const model of lacks) lacking.set(model, [...(lacking.get(model) ?? []), command])
  const notes = [...lacking].map(([model, commands]) => `no ${model}: needed by ${commands.join(', ')}`)
  return [...notes, ...assumedSizes(set)]
}

/** Without its yaml, a VQGAN of other GroupNorms than the release's gives other pixels. */
export const assumedSizes = (set: MatchedModels): string[] =>
  set.vqgan !== undefined && set.vqganConfig === undefined ? [ASSUMED] : []
