// What each command does with models: which it needs, and which of them a set lacks.
import type { ModelRole, ModelSet } from './models.ts'

/** A model, or any one of several. */
interface Need {
  readonly words: string
  readonly roles: readonly ModelRole[]
}

const ENCODER: Need = { words: 'encoder (DINOv2)', roles: ['encoder'] }
const CODEBOOK: Need = { words: 'codebook (K-Means centroids)', roles: ['codebook'] }
const STAGE1: Need = { words: 'stage 1', roles: ['stage1'] }
const BY_CLASS: Need = { words: 'class-conditional stage 1', roles: ['stage1Class'] }
const STAGE2: Need = { words: 'stage 2', roles: ['stage2Ar', 'stage2Nar'] }
const PLAIN: Need = { words: 'plain VQ AR', roles: ['vqAr'] }
const VQGAN: Need = { words: 'VQGAN', roles: ['vqgan'] }

/** Each with the sets of models of which it needs one: the first whose first model is there, or the usual one. */
const COMMANDS: readonly { readonly command: string; readonly ways: readonly (readonly Need[])[] }[] = [
  {
    command: 'sample',
    ways: [
      [STAGE1, STAGE2, VQGAN],
      [PLAIN, VQGAN],
    ],
  },
  { command: 'sample --class', ways: [[BY_CLASS, STAGE2, VQGAN]] },
  { command: 'decode', ways: [[STAGE2, VQGAN]] },
  { command: 'decode --tokens codes', ways: [[VQGAN]] },
  { command: 'reconstruct', ways: [[ENCODER, CODEBOOK, STAGE2, VQGAN]] },
  { command: 'reconstruct --vqgan-only', ways: [[VQGAN]] },
  { command: 'tokenize', ways: [[ENCODER, CODEBOOK]] },
  { command: 'kmeans', ways: [[ENCODER]] },
  { command: 'atlas', ways: [[CODEBOOK]] },
  { command: 'atlas --tokens codes', ways: [[VQGAN]] },
  { command: 'linear-probe', ways: [[ENCODER, CODEBOOK, STAGE1]] },
  { command: 'likelihood', ways: [[ENCODER, CODEBOOK, STAGE1]] },
  { command: 'evaluate --protocol dinov2', ways: [[ENCODER]] },
]

/** A command with the models it needs and those of them that are missing, in words. */
export interface CommandNeeds {
  readonly command: string
  readonly needs: readonly string[]
  /** Empty if the command can run. */
  readonly lacks: readonly string[]
}

/** Every command that uses models. */
export function commandNeeds({ set, damaged = {} }: Pick<ModelSet, 'set' | 'damaged'>): CommandNeeds[] {
  // A file that cannot be used counts before others that could take its place: nothing does so silently.
  const first = ({ roles }: Need) => roles.find((role) => (set[role] ?? damaged[role]) !== undefined)
  const isDamaged = (need: Need) => damaged[first(need)!] !== undefined
  /** The one that a flag takes instead. */
  const otherOf = ({ roles }: Need) => roles.find((role) => set[role] !== undefined)
  const problemOf = (need: Need) => {
    if (!isDamaged(need)) return need.words
    const other = otherOf(need)
    const instead = other && `; --stage2 ${other === 'stage2Nar' ? 'nar' : 'ar'} takes the other`
    return `${need.words} (cannot be used${instead ?? ''})`
  }
  const isMissing = (need: Need) => first(need) === undefined || isDamaged(need)
  return COMMANDS.map(({ command, ways }) => {
    const way = ways.find(([main]) => first(main!) !== undefined) ?? ways[0]!
    return {
      command,
      needs: way.map(({ words }) => words),
      lacks: way.filter(isMissing).map(problemOf),
    }
  })
}
