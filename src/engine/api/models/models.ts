// The part of the contract for model files: those named by a host, and those of the workbench.
import { basename, resolve } from 'node:path'
import type { EngineApi, EngineEvents, HostApi, Snapshot } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { ModelChoice, ModelSet } from '../../../shared/models/models.ts'
import type { Networks } from '../../devices/network-pool.ts'
import { importModels } from '../../model-set/open-models.ts'
import { openCopies } from '../../workspace/copies.ts'
import { readFileContents } from '../../model-set/read-file.ts'
import { choiceOf } from '../../model-set/versions.ts'
import { foldersOf, modelSetForPage } from '../folders.ts'
import { openModelsState, type ModelsOptions } from './open-models.ts'
import { specFields } from './opened.ts'
import { sourceCalls, type SourceCalls } from './sources.ts'

export interface OpenModelSet {
  /** Fields of a run specification that name the models. */
  readonly fields: {
    readonly model: string
    readonly choose?: ModelChoice
    readonly generatorFiles?: string[]
  }
  /** Folders that are hidden from pages. */
  readonly folders: readonly string[]
  /** sha256 of every file that is open. */
  readonly hashes: ReadonlySet<string>
  readonly modelSet: ModelSet
}

type PageCalls = Pick<EngineApi, 'reopenModels' | 'readContents' | 'chooseModel'> & SourceCalls

export interface ModelCalls {
  readonly calls: Pick<HostApi, 'importModels' | 'openModels' | 'addModels' | 'readFile'> & PageCalls
  readonly snapshot: () => Pick<Snapshot, 'modelSet' | 'held' | 'opened'>
  /** Throws RequestError while no models are open. */
  readonly inUse: () => OpenModelSet
  /** An open model by its id: its path, and its prefix where the file has several. */
  readonly pathOf: (file: string) => string | undefined
  /** Paths of the open transformers. */
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
  const { workspace, networks } = options
  /** Networks of the previous models are no longer needed. */
  const events: ModelCallsOptions['events'] = {
    ...options.events,
    modelSetChanged(set) {
      void networks.close()
      options.events.modelSetChanged(set)
    },
  }
  const copies = openCopies(workspace)
  const state = openModelsState(workspace, copies, options.models, events)

  const fileOf = (id: string) => {
    const file = state.current().modelSet?.files.find((file) => file.id === id)
    if (!file) throw new RequestError(`file '${id}' not found`)
    return file
  }
  return {
    calls: {
      importModels: (paths, choose) => importModels(paths, choose),
      readFile: (path) => readFileContents(path),
      openModels: (paths) => state.open({ paths: paths.map((path) => resolve(path)), choice: {} }),
      addModels: state.add,
      reopenModels: async () => void state.open(state.current().opening),
      async readContents(id) {
        const { path } = fileOf(id)
        return { ...(await readFileContents(path)), path: basename(path) }
      },
      async chooseModel(role, id) {
        const file = id === null ? undefined : choiceOf(fileOf(id))
        for (;;) {
          const before = state.current().opening
          const { [role]: _former, ...others } = before.choice
          const choice = file === undefined ? others : { ...others, [role]: file }
          // Choices that do not fit are refused before anything changes.
          const found = await importModels(before.paths, choice)
          // Keeps choices that another window made during the scan.
          if (state.current().opening !== before) continue
          await state.open({ paths: before.paths, choice }, undefined, found)
          return
        }
      },
      ...sourceCalls({ ...options, copies, state }),
    },
    snapshot() {
      const { modelSet, held, opening } = state.current()
      return {
        modelSet: modelSet && modelSetForPage(modelSet, opening.paths),
        opened: state.forPage(),
        ...(held === undefined ? {} : { held }),
      }
    },
    checkpoints() {
      const files = (state.current().modelSet?.files ?? []).filter(({ facts }) => !facts.carried)
      return [...new Set(files.map(({ path }) => path))]
    },
    pathOf(id) {
      const file = state.current().modelSet?.files.find((file) => file.id === id)
      return file && choiceOf(file)
    },
    inUse() {
      const { opening, modelSet, held } = state.current()
      if (!modelSet) throw new RequestError(held ?? 'the models are still being scanned')
      return {
        fields: specFields(opening, modelSet),
        folders: foldersOf(modelSet, opening.paths),
        hashes: new Set(modelSet.files.map(({ sha256 }) => sha256)),
        modelSet,
      }
    },
  }
}
