// The open models as pages see and change them: sources, selections and candidates, without folders.
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import {
  MODEL_ROLES,
  type MatchedGenerator,
  type ModelChoice,
  type ModelFile,
  type ModelSet,
  type ModelRole,
  type ModelSource,
  type OpenedModels,
} from '../../../shared/models/models.ts'
import { demoFolder } from '../../model-set/resources.ts'
import { fileRole } from '../../model-set/match.ts'
import { choiceOf, isChoice } from '../../model-set/versions.ts'
import { isInside, type Opening } from '../../workspace/kept-models.ts'
import type { Copies } from '../../workspace/copies.ts'

export type FinishedCopies = Awaited<ReturnType<Copies['list']>>

/** The demo, then other paths, then copies; each once. */
export function sourcesOf(
  { paths }: Opening,
  copies: FinishedCopies,
  workspace: string,
): readonly (ModelSource & { readonly path: string })[] {
  const demo = demoFolder()
  const isCopy = (path: string) => isInside(path, join(workspace, 'models'))
  const source = (path: string, kind: ModelSource['kind']) => ({
    id: createHash('sha256').update(path).digest('hex').slice(0, 12),
    name: kind === 'demo' ? 'Demo' : basename(path),
    kind,
    open: paths.includes(path),
    path,
  })
  return [
    source(demo, 'demo'),
    ...paths.filter((path) => path !== demo && !isCopy(path)).map((path) => source(path, 'place')),
    ...copies.map(({ path, bytes }) => ({ ...source(path, 'copy'), bytes })),
  ]
}

export function openedForPage(
  opening: Opening,
  modelSet: ModelSet | undefined,
  copies: FinishedCopies,
  workspace: string,
  undo: string | undefined,
): OpenedModels {
  const sources = sourcesOf(opening, copies, workspace).map(({ path: _path, ...source }) => source)
  const files = modelSet?.files ?? []
  const chosen = MODEL_ROLES.flatMap((role) => {
    const choice = opening.choice[role]
    const file =
      choice === undefined
        ? undefined
        : files.find((file) => isChoice(choice, file) && fileRole(file) === role)
    return file ? [[role, file.id] as const] : []
  })
  const rivals = MODEL_ROLES.flatMap((role) => {
    const ids = modelSet ? candidatesOf(modelSet, role).map(({ id }) => id) : []
    return ids.length > 1 ? [[role, ids] as const] : []
  })
  return {
    sources,
    choice: Object.fromEntries(chosen),
    candidates: Object.fromEntries(rivals),
    ...(undo === undefined ? {} : { undo }),
  }
}

/**
 * Candidate files of a role, by kind; of identical ones the one in use, otherwise the first. Copies inside other files
 * are not listed.
 */
function candidatesOf({ files, set }: ModelSet, role: ModelRole): readonly ModelFile[] {
  const inUse = files.find(({ id }) => id === set[role])
  const able = files.filter(
    (file) =>
      file === inUse || (file.problem === undefined && !file.facts.carried && fileRole(file) === role),
  )
  const content = ({ sha256, prefix }: ModelFile) => `${sha256}|${prefix}`
  return able.filter((file, i) => {
    if (file === inUse) return true
    if (inUse && content(file) === content(inUse)) return false
    return able.findIndex((other) => content(other) === content(file)) === i
  })
}

/**
 * A run contains one path, and the file of each role if other paths are open or the user made a choice, so that it uses
 * the files shown on the page, whatever else is in that folder.
 */
export function specFields(
  { paths: [model = '', ...others], choice }: Opening,
  { files, set, generators }: ModelSet,
): { readonly model: string; readonly choose?: ModelChoice; readonly generatorFiles?: string[] } {
  if (others.length === 0 && Object.keys(choice).length === 0) return { model }
  const all = MODEL_ROLES.flatMap((role) => {
    const file = files.find(({ id }) => id === set[role])
    return file ? [[role, choiceOf(file)] as const] : []
  })
  const generatorFiles = others.length > 0 ? pathsOfGenerators(files, generators) : []
  return {
    model,
    choose: Object.fromEntries(all) as ModelChoice,
    ...(generatorFiles.length > 0 ? { generatorFiles } : {}),
  }
}

/** Their own files, their configurations and all tokenizers, each once. */
function pathsOfGenerators(files: readonly ModelFile[], generators: readonly MatchedGenerator[]): string[] {
  const ids = new Set(generators.flatMap(({ generator, tokenizer = '' }) => [generator, tokenizer]))
  const isUsed = ({ id, kind }: ModelFile) =>
    ids.has(id) || kind === 'tokenizer' || (kind === 'generator-config' && generators.length > 0)
  return [...new Set(files.filter(isUsed).map(({ path }) => path))]
}
