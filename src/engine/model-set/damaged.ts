// Files that cannot be used -> the roles that they may have. Where such a role is empty, nothing else takes its place
// without a word.
import {
  MODEL_ROLES,
  type MatchedModels,
  type ModelFile,
  type ModelRole,
} from '../../shared/models/models.ts'
import { headOf, isLostFile, openFile } from '../bytes/index.ts'
import { fileRole } from './match.ts'

/** Roles of files of which only the name is known, by its end; other files are checkpoints of any role. */
const TEXTS: readonly ModelRole[] = ['vqganConfig', 'classes']
const BY_ENDING: readonly (readonly [RegExp, readonly ModelRole[]])[] = [
  [/\.ya?ml$/i, ['vqganConfig']],
  [/\.json$/i, ['classes']],
  [/\.npy$/i, ['codebook']],
]
const IN_CHECKPOINTS = MODEL_ROLES.filter((role) => !TEXTS.includes(role))

/** Endings that files of other programs have as well. */
const COMMON = /\.(bin|pkl)$/i

/** Whether a file that cannot be read may be a model of the set, so that its role must not be filled by another. */
export async function mayBeModel(path: string): Promise<boolean> {
  if (!COMMON.test(path)) return true
  const source = await openFile(path).catch(() => undefined)
  try {
    return source === undefined || isLostFile(await headOf(source), source.size)
  } finally {
    await source?.close()
  }
}

/** For each empty role, the file that may have it, and why it cannot be used: `FILE cannot be used: PROBLEM`. */
export function damagedRoles(
  files: readonly ModelFile[],
  set: MatchedModels,
): { readonly [role in ModelRole]?: string } {
  const damaged: { [role in ModelRole]?: string } = {}
  for (const role of MODEL_ROLES) {
    if (set[role] !== undefined) continue
    const own = files.filter((file) => file.problem !== undefined && rolesOf(file).includes(role))
    // A file that is known to have the role comes before those that may have it.
    const [first, ...others] = [...own.filter(fileRole), ...own.filter((file) => !fileRole(file))]
    if (!first) continue
    const more = others.length > 0 ? ` (nor can ${others.length} more)` : ''
    damaged[role] = `${first.path} cannot be used: ${first.problem}${more}`
  }
  return damaged
}

function rolesOf(file: ModelFile): readonly ModelRole[] {
  const role = fileRole(file)
  if (role) return [role]
  if (file.facts.unreadable !== true) return []
  return BY_ENDING.find(([ending]) => ending.test(file.path))?.[1] ?? IN_CHECKPOINTS
}
