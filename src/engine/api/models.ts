// The part of the contract that is about model files: any that a host names, and those the workbench works with.
import { isAbsolute, relative, resolve } from 'node:path'
import type { EngineApi, EngineEvents, HostApi, Snapshot } from '../../shared/api.ts'
import { RequestError } from '../../shared/errors.ts'
import type { ModelChoice, ModelLibrary, ModelRole } from '../../shared/models.ts'
import { importModels } from '../runs/import.ts'
import { readFileContents } from '../runs/read-file.ts'
import { foldersOf, libraryForPage } from './folders.ts'

export interface ModelsOptions {
  /** What is looked at from the start; nothing when absent. */
  readonly models?: readonly string[]
  /** Why it is not looked at before someone asks for it. */
  readonly held?: string
}

export interface OpenLibrary {
  /** Fields of a run specification that name the models. */
  readonly fields: { readonly model: string; readonly choose?: ModelChoice }
  /** Folders that a page is not told. */
  readonly folders: readonly string[]
}

export interface ModelCalls {
  readonly calls: Pick<HostApi, 'importModels' | 'openModels' | 'readFile'> & Pick<EngineApi, 'reopenModels'>
  readonly snapshot: () => Pick<Snapshot, 'library' | 'held'>
  /** Throws RequestError while there is none. */
  readonly inUse: () => OpenLibrary
}

export function modelCalls(
  { models = [], held }: ModelsOptions,
  { libraryChanged }: Pick<EngineEvents, 'libraryChanged'>,
): ModelCalls {
  let state: { readonly paths: readonly string[]; readonly library?: ModelLibrary; readonly held?: string } =
    held === undefined ? { paths: models } : { paths: models, held }

  const open = async (paths: readonly string[]): Promise<ModelLibrary> => {
    const asked = { paths: paths.map((path) => resolve(path)) }
    state = asked
    const library = await importModels(asked.paths).catch((error: Error) => emptyLibrary(error))
    // Asked for something else meanwhile: that one is told instead.
    if (state !== asked) return library
    state = { ...asked, library }
    libraryChanged(libraryForPage(library, asked.paths))
    return library
  }
  if (models.length > 0 && held === undefined) void open(models)
  return {
    calls: {
      importModels: (paths, choose) => importModels(paths, choose),
      readFile: (path) => readFileContents(path),
      openModels: open,
      reopenModels: async () => void open(state.paths),
    },
    snapshot: () => ({
      library: state.library && libraryForPage(state.library, state.paths),
      ...(state.held === undefined ? {} : { held: state.held }),
    }),
    inUse() {
      const { paths, library } = state
      if (!library) throw new RequestError(state.held ?? 'the models are still being looked at')
      return { fields: specFields(paths, library), folders: foldersOf(library, paths) }
    },
  }
}

/** A run names one path; models that lie elsewhere are chosen one by one. */
function specFields([model = '', ...others]: readonly string[], { files, set }: ModelLibrary) {
  if (others.length === 0) return { model }
  const elsewhere = Object.entries(set).flatMap(([role, id]) => {
    const path = files.find((file) => file.id === id)?.path
    return path === undefined || isInside(path, model) ? [] : [[role as ModelRole, path] as const]
  })
  return { model, choose: Object.fromEntries(elsewhere) as ModelChoice }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return !way.startsWith('..') && !isAbsolute(way)
}

const emptyLibrary = ({ message }: Error): ModelLibrary => ({
  files: [],
  set: {},
  notes: [message],
  classNames: [],
})
