// Model files -> the set that works together, with notes on what does not fit, what was selected and what is
// missing. Pure: depends only on the files' facts and paths.
import { resolve } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { MODEL_ROLES } from '../../shared/models/models.ts'
import type { ModelChoice, ModelFile, ModelRole, MatchedModels } from '../../shared/models/models.ts'
import { pathLikeness } from './likeness.ts'
import { gaps } from './gaps.ts'
import { isChoice } from './versions.ts'
import { KIND_ROLES, ROLE_WORDS, shortNames } from './words.ts'

export interface Match {
  readonly set: MatchedModels
  readonly notes: readonly string[]
  /** Why a role is empty although there is a file of its kind. */
  readonly misfits: ReadonlyMap<ModelRole, string>
}

/** A size on which several roles must agree, and the name of the fact in each role. */
interface SharedFact {
  readonly words: string
  readonly facts: { readonly [role in ModelRole]?: string }
}

/** In the order of their resolution; in a tie, the roles listed first decide. */
const SHARED_FACTS: readonly SharedFact[] = [
  {
    words: 'discriminative tokens',
    facts: {
      stage1: 'vocabulary',
      stage1Class: 'vocabulary',
      codebook: 'codes',
      stage2Ar: 'sourceVocabulary',
      stage2Nar: 'sourceVocabulary',
    },
  },
  { words: 'feature dimensions', facts: { codebook: 'width', encoder: 'width' } },
  {
    words: 'VQGAN codes',
    facts: {
      vqgan: 'codes',
      stage2Ar: 'vocabulary',
      stage2Nar: 'vocabulary',
      vqAr: 'vocabulary',
      vqganConfig: 'codes',
    },
  },
  { words: 'dimensions of a VQGAN code', facts: { vqgan: 'width', vqganConfig: 'width' } },
  { words: 'base channels', facts: { vqgan: 'channels', vqganConfig: 'channels' } },
  { words: 'as channel multipliers', facts: { vqgan: 'multipliers', vqganConfig: 'multipliers' } },
  { words: 'residual blocks per level', facts: { vqgan: 'numResBlocks', vqganConfig: 'numResBlocks' } },
]

/** Transformers first: the paths in their configurations show with which of several files they were trained. */
const PICKED: readonly { readonly role: ModelRole; readonly hint?: string }[] = [
  { role: 'stage1' },
  { role: 'stage1Class' },
  { role: 'stage2Ar' },
  { role: 'stage2Nar' },
  { role: 'vqAr' },
  { role: 'codebook', hint: 'codebookHint' },
  { role: 'encoder', hint: 'encoderHint' },
  { role: 'vqgan', hint: 'vqganHint' },
  { role: 'vqganConfig', hint: 'vqganConfigHint' },
  { role: 'classes' },
]

type Candidates = Map<ModelRole, readonly ModelFile[]>

/** Throws RequestError only for an impossible choice. */
export function matchModels(files: readonly ModelFile[], choose: ModelChoice = {}): Match {
  const nameOf = shortNames(files)
  const candidates: Candidates = new Map(
    MODEL_ROLES.map((role) => [
      role,
      files.filter((file) => fileRole(file) === role && isUsable(file, files)),
    ]),
  )
  const chosen = applyChoice(files, candidates, choose)
  const notes: string[] = []
  const misfits = new Map<ModelRole, string>()
  for (const shared of SHARED_FACTS)
    for (const { role, file, sentence } of settle(shared, candidates, chosen, nameOf)) {
      if (chosen.has(role)) throw new RequestError(`${ROLE_WORDS[role]}: ${sentence}`)
      if (!file.facts.carried) notes.push(sentence)
      // A separate file is more informative than a copy in another file.
      if (!file.facts.carried || !misfits.has(role)) misfits.set(role, sentence)
    }

  const set: { [role in ModelRole]?: string } = {}
  const hints: ModelFile['facts'][] = []
  for (const { role, hint } of PICKED) {
    const [file, ...others] = byPreference(candidates.get(role) ?? [], hint, hints)
    if (!file) continue
    set[role] = file.id
    misfits.delete(role)
    notes.push(...(file.notes ?? []).map((note) => `${nameOf(file)}: ${note}`))
    if ('codebookHint' in file.facts) hints.push(file.facts)
    const rivals = others.filter((other) => !other.facts.carried && other.sha256 !== file.sha256)
    if (file.facts.carried)
      notes.push(`${ROLE_WORDS[role]}: taken from ${nameOf(file)}; there is no separate file`)
    else if (!chosen.has(role)) {
      const remarks = [
        ...listed('selected over ', rivals, nameOf),
        ...listed('cannot be used: ', broken(role, files), nameOf),
      ]
      if (remarks.length > 0) notes.push(`${ROLE_WORDS[role]}: ${nameOf(file)} (${remarks.join('; ')})`)
    }
  }
  notes.push(
    ...gaps(
      set,
      files.some(({ kind }) => kind === 'generator'),
    ),
  )
  return { set, notes, misfits }
}

/** The role of a file in a set, based only on its kind. */
export function fileRole(file: ModelFile): ModelRole | undefined {
  return file.kind === 'stage1' && Number(file.facts.classes) > 0 ? 'stage1Class' : KIND_ROLES[file.kind]
}

/**
 * If a separate file or the recommended model of a file has a problem, a copy in another file or another model of the
 * file is used only by choice.
 */
export function isUsable(file: ModelFile, files: readonly ModelFile[]): boolean {
  const { path, prefix, versions = [], facts } = file
  const better = versions.slice(0, Math.max(0, versions.indexOf(prefix)))
  const comesFirst = (other: ModelFile) =>
    (other.path === path && better.includes(other.prefix)) || (facts.carried && !other.facts.carried)
  return (
    file.problem === undefined &&
    !files.some((other) => other.problem !== undefined && other.kind === file.kind && comesFirst(other))
  )
}

const listed = (words: string, files: readonly ModelFile[], nameOf: (file: ModelFile) => string): string[] =>
  files.length > 0 ? [words + files.map(nameOf).join(', ')] : []

/** Separate files of a role that have a problem. */
const broken = (role: ModelRole, files: readonly ModelFile[]): readonly ModelFile[] =>
  files.filter((file) => file.problem !== undefined && !file.facts.carried && fileRole(file) === role)

/** Makes a chosen file the only candidate of its role. */
function applyChoice(
  files: readonly ModelFile[],
  candidates: Candidates,
  choose: ModelChoice,
): ReadonlySet<ModelRole> {
  const chosen = new Set<ModelRole>()
  for (const role of MODEL_ROLES) {
    const path = choose[role]
    if (path === undefined) continue
    const inside = files.filter((file) => isChoice(path, file))
    const file = inside.find((file) => fileRole(file) === role)
    if (!file || file.problem)
      throw new RequestError(
        `${path}: cannot be used as ${ROLE_WORDS[role]}: ` +
          (file?.problem ??
            inside[0]?.problem ??
            (inside.length > 0 ? `it is ${inside.map((f) => f.summary).join('; ')}` : notThere(path, files))),
      )
    candidates.set(role, [file])
    chosen.add(role)
  }
  return chosen
}

/** Why there is no model behind a choice. */
function notThere(choice: string, files: readonly ModelFile[]): string {
  const others = files.filter(({ path }) => resolve(choice).startsWith(`${path}#`))
  if (others.length === 0) return 'it is missing'
  return `no model has this prefix (found ${others.map(({ prefix }) => prefix || 'none').join(', ')})`
}

interface Misfit {
  readonly role: ModelRole
  readonly file: ModelFile
  readonly sentence: string
}

/** Selects the value that most roles can share, and drops files with other values. */
function settle(
  { words, facts }: SharedFact,
  candidates: Candidates,
  chosen: ReadonlySet<ModelRole>,
  nameOf: (file: ModelFile) => string,
): Misfit[] {
  const roles = Object.keys(facts) as ModelRole[]
  const valueOf = (role: ModelRole, file: ModelFile) => file.facts[facts[role]!]
  const holders = new Map<number | string, Map<ModelRole, ModelFile>>()
  for (const role of roles)
    for (const file of candidates.get(role) ?? []) {
      const value = valueOf(role, file)
      if (value === undefined || typeof value === 'boolean') continue
      const held = holders.get(value) ?? new Map<ModelRole, ModelFile>()
      if (!held.has(role)) held.set(role, file)
      holders.set(value, held)
    }
  const rank = (held: Map<ModelRole, ModelFile>) => [
    [...chosen].filter((role) => held.has(role)).length,
    held.size,
    ...roles.map((role) => (held.has(role) ? 1 : 0)),
  ]
  const [best] = [...holders].sort(
    ([a, heldA], [b, heldB]) => compareLists(rank(heldB), rank(heldA)) || (a < b ? -1 : 1),
  )
  if (!best || holders.size === 1) return []

  const [agreed, held] = best
  const [otherRole, other] = [...held][0]!
  const misfits: Misfit[] = []
  for (const role of roles) {
    const all = candidates.get(role) ?? []
    const kept = all.filter((file) => [agreed, undefined].includes(valueOf(role, file) as typeof agreed))
    for (const file of all.filter((file) => !kept.includes(file)))
      misfits.push({
        role,
        file,
        sentence:
          `${nameOf(file)} does not fit: this ${ROLE_WORDS[role]} has ${valueOf(role, file)} ${words}, ` +
          `the ${ROLE_WORDS[otherRole]} ${nameOf(other)} has ${agreed}`,
      })
    candidates.set(role, kept)
  }
  return misfits
}

/**
 * Separate files before carried copies, then similarity to the hints, then the name of a finished training's
 * checkpoint.
 */
function byPreference(
  files: readonly ModelFile[],
  hint: string | undefined,
  hinting: readonly ModelFile['facts'][],
): ModelFile[] {
  const hints = hint === undefined ? [] : hinting.map((facts) => String(facts[hint] ?? ''))
  const rank = (file: ModelFile) => [
    file.facts.carried ? 0 : 1,
    Math.max(0, ...hints.map((path) => pathLikeness(file.path, path))),
    file.path.endsWith('checkpoint_last.pt') ? 1 : 0,
    -file.path.split(/[\\/]/).length,
  ]
  const ranked = files.map((file) => ({ file, rank: rank(file) }))
  // Models of one file stay in the order of recommendation.
  const byPath = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)
  ranked.sort((a, b) => compareLists(b.rank, a.rank) || byPath(a.file.path, b.file.path))
  return ranked.map(({ file }) => file)
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at < 0 ? 0 : a[at]! - b[at]!
}
