// The part of the contract that is about model files: any that a host names, and those the workbench works with.
import { basename, join, resolve } from 'node:path'
import type { EngineApi, EngineEvents, HostApi, Snapshot } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { ModelChoice, ModelSet } from '../../../shared/models/models.ts'
import type { Networks } from '../../devices/network-pool.ts'
import { importModels } from '../../model-set/open-models.ts'
import { isInside } from '../../workspace/kept-models.ts'
import { openCopies } from '../../workspace/copies.ts'
import { readFileContents } from '../../model-set/read-file.ts'
import { foldersOf, libraryForPage } from '../folders.ts'
import { choiceAmong, openModelsState, type ModelsOptions } from './open-models.ts'
import { specFields } from './opened.ts'

export interface OpenModelSet {
  /** Fields of a run specification that name the models. */
  readonly fields: { readonly model: string; readonly choose?: ModelChoice }
  /** Folders that a page is not told. */
  readonly folders: readonly string[]
  /** sha256 of every file that is open. */
  readonly hashes: ReadonlySet<string>
  readonly library: ModelSet
}

type PageCalls = Pick<
  EngineApi,
  | 'reopenModels'
  | 'readContents'
  | 'chooseModel'
  | 'useSource'
  | 'removeSource'
  | 'undoOpening'
  | 'startCopy'
  | 'copyPiece'
  | 'finishCopy'
  | 'abandonCopy'
>

export interface ModelCalls {
  readonly calls: Pick<HostApi, 'importModels' | 'openModels' | 'addModels' | 'readFile'> & PageCalls
  readonly snapshot: () => Pick<Snapshot, 'library' | 'held' | 'opened'>
  /** Throws RequestError while there is none. */
  readonly inUse: () => OpenModelSet
  /** Of a file that is open, by its id. */
  readonly pathOf: (file: string) => string | undefined
  /** Paths of the transformers that are open. */
  readonly checkpoints: () => readonly string[]
}

export interface ModelCallsOptions {
  readonly workspace: string
  readonly models: ModelsOptions
  readonly networks: Networks
  readonly events: Pick<EngineEvents, 'modelSetChanged' | 'modelsOpened'>
  /** Images were copied into the workspace. */
  readonly imagesCopied: (path: string) => Promise<void>
}

export function modelCalls(options: ModelCallsOptions): ModelCalls {
  const { workspace, networks, imagesCopied } = options
  /** Networks of the models before are not needed any more. */
  const events: ModelCallsOptions['events'] = {
    ...options.events,
    modelSetChanged(set) {
      void networks.close()
      options.events.modelSetChanged(set)
    },
  }
  const copies = openCopies(workspace)
  const models = openModelsState(workspace, copies, options.models, events)

  const sourceOf = (id: string) => {
    const source = models.sources().find((source) => source.id === id)
    if (!source) throw new RequestError(`model source '${id}' not found`)
    return source
  }
  const fileOf = (id: string) => {
    const file = models.current().library?.files.find((file) => file.id === id)
    if (!file) throw new RequestError(`file '${id}' not found`)
    return file
  }
  return {
    calls: {
      importModels: (paths, choose) => importModels(paths, choose),
      readFile: (path) => readFileContents(path),
      openModels: (paths) => models.open({ paths: paths.map((path) => resolve(path)), choice: {} }),
      addModels: models.add,
      reopenModels: async () => void models.open(models.current().opening),
      async readContents(id) {
        const { path } = fileOf(id)
        return { ...(await readFileContents(path)), path: basename(path) }
      },
      async chooseModel(role, id) {
        const { paths, choice } = models.current().opening
        const { [role]: _former, ...others } = choice
        const next = { paths, choice: id === null ? others : { ...others, [role]: fileOf(id).path } }
        // What does not fit is refused before anything changes.
        await models.open(next, undefined, await importModels(paths, next.choice))
      },
      async useSource(id, wanted) {
        const { path, name, kind } = sourceOf(id)
        const others = models.current().opening.paths.filter((other) => other !== path)
        const what = kind === 'demo' ? 'the demo' : name
        await models.change(wanted ? [...others, path] : others, `${wanted ? 'Opened' : 'Closed'} ${what}.`)
      },
      async removeSource(id) {
        // Networks map the files they come from, which keeps some systems from deleting them.
        await networks.close()
        const { path, kind } = sourceOf(id)
        if (kind !== 'copy') throw new RequestError('only copies in the workspace can be deleted')
        const { opening } = models.current()
        const paths = opening.paths.filter((other) => !isInside(other, path))
        await copies.remove(path)
        await models.open({ paths, choice: choiceAmong(opening.choice, paths) })
      },
      async undoOpening() {
        const { undo } = models.current()
        if (!undo) throw new RequestError('nothing to undo')
        await models.open(undo.opening)
      },
      startCopy: copies.start,
      copyPiece: copies.add,
      async finishCopy(copy) {
        const path = await copies.finish(copy)
        if (!isInside(path, join(workspace, 'images'))) return void (await models.add([path]))
        await imagesCopied(path).catch(async (error: Error) => {
          // What cannot be measured is not kept: it would take room that nobody sees.
          await copies.remove(path)
          throw error
        })
      },
      abandonCopy: copies.abandon,
    },
    snapshot() {
      const { library, held, opening } = models.current()
      return {
        library: library && libraryForPage(library, opening.paths),
        opened: models.forPage(),
        ...(held === undefined ? {} : { held }),
      }
    },
    checkpoints: () =>
      (models.current().library?.files ?? []).filter(({ facts }) => !facts.carried).map(({ path }) => path),
    pathOf: (id) => models.current().library?.files.find((file) => file.id === id)?.path,
    inUse() {
      const { opening, library, held } = models.current()
      if (!library) throw new RequestError(held ?? 'the models are still being scanned')
      return {
        fields: specFields(opening, library),
        folders: foldersOf(library, opening.paths),
        hashes: new Set(library.files.map(({ sha256 }) => sha256)),
        library,
      }
    },
  }
}
