// The engine as one object: all calls of a host, and the events it can listen to.
import type { HostApi } from '../../shared/contract/api.ts'
import { APP } from '../../shared/app.ts'
import type { Program } from '../slurm/index.ts'
import { keptNetworks } from '../devices/network-pool.ts'
import { workspaceFolder } from '../records/workspace.ts'
import { allCalls } from './all-calls.ts'
import { eventListeners, type Listeners } from './listeners.ts'
import type { EngineContext } from './context.ts'
import { atlasCalls } from './atlas/atlases.ts'
import { mapCalls } from './atlas/atlas-maps.ts'
import { labelCalls } from './atlas/cluster-labels.ts'
import { findCalls } from './atlas/find-clusters.ts'
import { tokenColourCalls } from './atlas/token-colours.ts'
import { evaluationCalls } from './evaluation/evaluations.ts'
import { codebooksCalls } from './atlas/codebooks.ts'
import { exportCalls } from './runs/exports.ts'
import { logitsCalls } from './runs/logits.ts'
import { leftWorkCalls } from './left-work.ts'
import { logCalls } from './evaluation/training-logs.ts'
import { modelCalls } from './models/models.ts'
import type { ModelsOptions } from './models/open-models.ts'
import type { OpenJobs } from './open-jobs.ts'
import { precedence, QUESTIONS } from './precedence.ts'
import { openQueue, performKeeping } from './queue.ts'
import { regionCalls } from './atlas/regions.ts'
import { runCalls } from './runs/runs.ts'
import { selfTestCalls } from './models/self-test.ts'
import { figureCalls } from './figures/figures.ts'
import { kmeansCalls } from './atlas/trained-codebooks.ts'
import { likelihoodCalls } from './evaluation/likelihoods.ts'
import { probeCalls } from './evaluation/linear-probes.ts'
import { sweepCalls } from './sweep/sweeps.ts'
import { verdictCalls } from './verdict/verdicts.ts'
import { slurmCalls } from './slurm/slurm.ts'
import { placesOf } from './slurm/slurm-step.ts'
import { trashCalls } from './runs/trash.ts'
import { openWorkspace } from './runs/workspace.ts'

export { demoFolder } from '../model-set/resources.ts'
export { coloursOfModels } from './atlas/token-colours.ts'
export { workspaceFolder } from '../records/workspace.ts'

export interface EngineOptions extends ModelsOptions {
  /** Folder of the workbench's runs, created when the first one starts. @default workspaceFolder() */
  readonly workspace?: string
  /** Keeps networks open between runs, for long-running processes. @default false */
  readonly keepsNetworks?: boolean
  /** File of the thread that computes UMAP. @default computed in this process */
  readonly umapWorker?: URL
  /** How the command of this program is started on the machines of SLURM. @default nothing can be submitted */
  readonly program?: Program
}

export interface Engine extends Pick<Listeners, 'on'> {
  readonly api: HostApi
  /** Its folder. */
  readonly workspace: string
}

export function createEngine({
  workspace = workspaceFolder(),
  keepsNetworks = false,
  umapWorker,
  program,
  ...opened
}: EngineOptions = {}): Engine {
  const { events, on } = eventListeners()
  const networks = keptNetworks()
  const { first, turn } = precedence()
  const queue = openQueue(keepsNetworks ? performKeeping(networks, turn) : undefined)
  const imagesCopied = (path: string) => evaluations.addImages([path])
  const models = modelCalls({ workspace, models: opened, networks, events, imagesCopied })
  const openJobs: OpenJobs = new Set()
  const places = placesOf(workspace, queue, program)
  const context: EngineContext = { workspace, queue, places, openJobs, modelsInUse: models.inUse, events }

  const runs = runCalls(context)
  const here = openWorkspace({ ...context, cancelOther: runs.cancel })
  const selfTest = selfTestCalls(context)
  const atlases = atlasCalls(context)
  const ofAtlases = { ...context, openAtlas: atlases.open, forget: atlases.forget }
  const evaluations = evaluationCalls(context)
  const colours = tokenColourCalls(context)
  const snapshot = async () => ({
    app: APP,
    ...models.snapshot(),
    selfTest: await selfTest.current(),
    runs: await here.runs(),
    favourites: await here.favourites(),
  })
  const calls = allCalls(
    { snapshot, ping: async () => {} },
    models.calls,
    runs.calls,
    here.calls,
    logitsCalls({ ...context, networks, readImage: here.calls.readImage }),
    trashCalls(workspace),
    slurmCalls(context),
    exportCalls({ ...context, colours: colours.readTokenColours }),
    selfTest.calls,
    atlases.calls,
    mapCalls({ ...ofAtlases, worker: umapWorker }),
    labelCalls(ofAtlases),
    findCalls({ ...ofAtlases, networks }),
    codebooksCalls(context),
    regionCalls({ ...context, networks }),
    evaluations,
    sweepCalls({ ...context, pathOf: models.pathOf }),
    verdictCalls({ ...context, pathOf: models.pathOf }),
    probeCalls(context),
    kmeansCalls({ ...context, addModels: models.calls.addModels }),
    likelihoodCalls(context),
    logCalls(workspace, models.checkpoints),
    colours,
    figureCalls(workspace, colours.readTokenColours),
  )
  const api = { ...calls, ...leftWorkCalls({ ...context, calls }) }
  return { api: first(api, QUESTIONS), on, workspace }
}
