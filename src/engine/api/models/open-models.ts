// The open models of the workbench: how they change, and the events about changes.
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { EngineEvents } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { ModelSet } from '../../../shared/models/models.ts'
import { demoFolder } from '../../model-set/resources.ts'
import { importModels } from '../../model-set/open-models.ts'
import { choiceAmong, keepModels, readKeptModels, type Opening } from '../../workspace/kept-models.ts'
import type { Copies } from '../../workspace/copies.ts'
import { modelSetForPage } from '../folders.ts'
import { openedForPage, sourcesOf, type FinishedCopies } from './opened.ts'

export interface ModelsOptions {
  /**
   * Opened at the start, plus what was opened since if the host requested the same paths last time; nothing if absent.
   */
  readonly models?: readonly string[]
  /** Why nothing is opened until requested. */
  readonly held?: string
}

interface State {
  readonly opening: Opening
  readonly modelSet?: ModelSet
  readonly held?: string
  /** What was open before, and the change in words. */
  readonly undo?: { readonly opening: Opening; readonly words: string }
}

export interface OpenModelsState {
  current(): State
  sources(): ReturnType<typeof sourcesOf>
  forPage(): ReturnType<typeof openedForPage>
  /** Scans the files and puts them in use; `found` if already scanned. */
  open(opening: Opening, undo?: State['undo'], found?: ModelSet): Promise<ModelSet>
  /** The same for other paths, with undo; choices among them stay. `words` describe the change. */
  change(paths: readonly string[], words: string): Promise<ModelSet>
  add(paths: readonly string[]): Promise<ModelSet>
}

export function openModelsState(
  workspace: string,
  copying: Copies,
  { models = [], held }: ModelsOptions,
  events: Pick<EngineEvents, 'modelSetChanged' | 'modelsOpened'>,
): OpenModelsState {
  const asked = models.map((path) => resolve(path))
  let copies: FinishedCopies = []
  let state: State = { opening: { paths: asked, choice: {} }, ...(held === undefined ? {} : { held }) }

  const forPage = () => openedForPage(state.opening, state.modelSet, copies, workspace, state.undo?.words)
  const tell = () => {
    if (state.modelSet) events.modelSetChanged(modelSetForPage(state.modelSet, state.opening.paths))
    events.modelsOpened(forPage())
  }
  const open: OpenModelsState['open'] = async (opening, undo, found) => {
    const begun: State = { opening, ...(undo ? { undo } : {}) }
    const before = state.opening
    state = begun
    const notes = await keepModels(workspace, asked, before, opening).then(
      () => [],
      ({ message }: Error) => [`cannot save the list of open models: ${message}`],
    )
    copies = await copying.list()
    const looked = found ?? (await look(opening))
    const modelSet = { ...looked, notes: [...looked.notes, ...notes] }
    // Something else was requested meanwhile, and is reported instead.
    if (state !== begun) return modelSet
    state = { ...begun, modelSet }
    tell()
    return modelSet
  }
  const change: OpenModelsState['change'] = (paths, words) =>
    open({ paths, choice: choiceAmong(state.opening.choice, paths) }, { opening: state.opening, words })

  const begin = async () => {
    const kept = await readKeptModels(workspace)
    if (kept && kept.asked.join('\n') === asked.join('\n')) state = { ...state, opening: kept.opening }
    if (held === undefined) return open(state.opening)
    copies = await copying.list()
    tell()
  }
  if (models.length > 0) void begin()
  return {
    current: () => state,
    sources: () => sourcesOf(state.opening, copies, workspace),
    forPage,
    open,
    change,
    async add(paths) {
      const added = paths.map((path) => resolve(path))
      const demo = demoFolder()
      const names = added.map((path) => basename(path)).join(', ')
      const found = await importModels(added)
      if (found.files.length === 0)
        throw new RequestError(`${names}: no models found (expected checkpoints, a codebook or a VQGAN)`)
      // Read after the scan, because others may have been opened in the meantime.
      const givesWay = state.opening.paths.includes(demo) && !added.includes(demo) && canSample(found)
      const before = state.opening.paths.filter((path) => !added.includes(path))
      const beside = givesWay ? before.filter((path) => path !== demo) : before
      const what = givesWay
        ? ' The demo was closed.'
        : beside.length > 0
          ? ' Previously opened models stay open.'
          : ''
      return change([...beside, ...added], `Opened ${names}.${what}`)
    },
  }
}

/** Ignores missing files and drops a choice that no longer applies; both are reported. */
async function look({ paths, choice }: Opening): Promise<ModelSet> {
  const gone = paths.filter((path) => !existsSync(path))
  if (gone.length > 0) {
    const rest = paths.filter((path) => !gone.includes(path))
    const modelSet = await look({ paths: rest, choice: choiceAmong(choice, rest) })
    return {
      ...modelSet,
      notes: [...gone.map((path) => `${basename(path)}: no longer exists`), ...modelSet.notes],
    }
  }
  try {
    return await importModels(paths, choice)
  } catch (error) {
    const { message } = error as Error
    if (Object.keys(choice).length === 0)
      return { files: [], set: {}, generators: [], notes: [message], assumed: [], classNames: [] }
    const modelSet = await look({ paths, choice: {} })
    return { ...modelSet, notes: [`model selection was reset: ${message}`, ...modelSet.notes] }
  }
}

/** Whether the demo is no longer needed in addition to these files. */
const canSample = ({ files }: ModelSet) =>
  files.some(({ kind }) => ['stage1', 'stage2-ar', 'stage2-nar', 'vq-ar'].includes(kind))
