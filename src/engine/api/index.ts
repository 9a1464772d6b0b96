// The engine as one value: everything a host can ask, and the events it can listen to.
import type { HostApi, HostEvents } from '../../shared/contract/api.ts'
import { APP } from '../../shared/app.ts'
import type { ModelSet } from '../../shared/models/models.ts'
import { keptNetworks } from '../devices/network-pool.ts'
import { workspaceFolder } from '../records/workspace.ts'
import { atlasCalls } from './atlas/atlases.ts'
import { mapCalls } from './atlas/atlas-maps.ts'
import { labelCalls } from './atlas/cluster-labels.ts'
import { findCalls } from './atlas/find-clusters.ts'
import { evaluationCalls } from './evaluation/evaluations.ts'
import { codebooksCalls } from './atlas/codebooks.ts'
import { exportCalls } from './runs/exports.ts'
import { logitsCalls } from './runs/logits.ts'
import { logCalls } from './evaluation/training-logs.ts'
import { modelCalls } from './models/models.ts'
import type { ModelsOptions } from './models/open-models.ts'
import { precedence } from './precedence.ts'
import { regionCalls } from './atlas/regions.ts'
import { performKeeping, runCalls } from './runs/runs.ts'
import { selfTestCalls } from './models/self-test.ts'
import { figureCalls } from './figures/workspace-figures.ts'
import { probeCalls } from './evaluation/linear-probes.ts'
import { sweepCalls } from './sweep/sweeps.ts'
import { trashCalls } from './runs/trash.ts'
import { openWorkspace } from './runs/workspace.ts'

export { demoFolder } from '../model-set/resources.ts'
export { workspaceFolder } from '../records/workspace.ts'

export interface EngineOptions extends ModelsOptions {
  /** Folder of the workbench's runs; made when the first one starts. @default workspaceFolder() */
  readonly workspace?: string
  /** Keeps networks open between runs, for a process that goes on. @default false */
  readonly keepsNetworks?: boolean
  /** File of the thread that UMAP is computed in. @default computed in this process */
  readonly umapWorker?: URL
}

export interface Engine {
  readonly api: HostApi
  /** Listens from now on; returns the function that stops it. */
  on<E extends keyof HostEvents>(event: E, listener: HostEvents[E]): () => void
}

export function createEngine({
  workspace = workspaceFolder(),
  keepsNetworks = false,
  umapWorker,
  ...models
}: EngineOptions = {}): Engine {
  const listeners: { readonly [E in keyof HostEvents]: Set<HostEvents[E]> } = {
    runChanged: new Set(),
    preview: new Set(),
    imageFinished: new Set(),
    modelSetChanged: new Set(),
    runRemoved: new Set(),
    favouritesChanged: new Set(),
    modelsOpened: new Set(),
    selfTestChanged: new Set(),
    atlasChanged: new Set(),
    imageSetsChanged: new Set(),
    evaluationChanged: new Set(),
    evaluationDismissed: new Set(),
    atlasMapChanged: new Set(),
    labelsChanged: new Set(),
    measurementAdded: new Set(),
    measurementRemoved: new Set(),
    exportChanged: new Set(),
    sweepChanged: new Set(),
    sweepPoint: new Set(),
    sweepTried: new Set(),
    sweepRemoved: new Set(),
    probeChanged: new Set(),
    nearestChanged: new Set(),
    codebooksChanged: new Set(),
    engineStopped: new Set(),
    stateChanged: new Set(),
  }
  const tell =
    <E extends keyof HostEvents>(event: E) =>
    (...args: Parameters<HostEvents[E]>) =>
      listeners[event].forEach((listener) =>
        (listener as (...args: Parameters<HostEvents[E]>) => void)(...args),
      )

  const networks = keptNetworks()
  const { first, turn } = precedence()
  const modelEvents = {
    modelSetChanged(library: ModelSet) {
      void networks.close()
      tell('modelSetChanged')(library)
    },
    modelsOpened: tell('modelsOpened'),
  }
  const library = modelCalls(workspace, models, modelEvents, (path) => evaluations.addImages([path]))
  const runs = runCalls(
    {
      stateChanged: (run) => {
        tell('stateChanged')(run)
        here.stateChanged(run)
        atlases.stateChanged(run)
        codebooks.stateChanged(run)
        sweeps.stateChanged(run)
        probes.stateChanged(run)
        evaluations.stateChanged(run)
      },
      preview: (preview, part) =>
        tell('preview')({ ...preview, run: sweeps.cellRun(preview.run, part) ?? preview.run }),
      imageFinished(run, image, part) {
        const cell = sweeps.cellRun(run, part)
        if (cell === undefined) here.imageFinished(run, image)
        else tell('imageFinished')(cell, image)
      },
      partFinished(run, part) {
        sweeps.partFinished(run, part)
        probes.partFinished(run)
      },
    },
    keepsNetworks ? performKeeping(networks, turn) : undefined,
  )
  const selfTest = selfTestCalls({
    workspace,
    modelsInUse: library.inUse,
    alone: runs.alone,
    events: { selfTestChanged: tell('selfTestChanged') },
  })
  const here = openWorkspace({
    workspace,
    enqueue: runs.enqueue,
    cancel: runs.calls.cancelRun,
    modelsInUse: library.inUse,
    events: {
      runChanged: tell('runChanged'),
      runRemoved: tell('runRemoved'),
      imageFinished: tell('imageFinished'),
      favouritesChanged: tell('favouritesChanged'),
    },
  })
  const atlases = atlasCalls({
    workspace,
    enqueue: runs.enqueue,
    cancel: runs.calls.cancelRun,
    modelsInUse: library.inUse,
    events: { atlasChanged: tell('atlasChanged') },
  })
  const codebooks = codebooksCalls({
    workspace,
    enqueue: runs.enqueue,
    cancel: runs.calls.cancelRun,
    events: { codebooksChanged: tell('codebooksChanged') },
  })
  const find = findCalls({ openAtlas: atlases.open, modelsInUse: library.inUse, networks })
  const evaluations = evaluationCalls({
    workspace,
    enqueue: runs.enqueue,
    cancel: runs.calls.cancelRun,
    modelsInUse: library.inUse,
    events: {
      imageSetsChanged: tell('imageSetsChanged'),
      evaluationChanged: tell('evaluationChanged'),
      evaluationDismissed: tell('evaluationDismissed'),
      measurementAdded: tell('measurementAdded'),
      measurementRemoved: tell('measurementRemoved'),
      nearestChanged: tell('nearestChanged'),
    },
  })
  const figures = figureCalls(workspace)
  const sweeps = sweepCalls({
    workspace,
    enqueue: runs.enqueue,
    cancel: runs.calls.cancelRun,
    alone: runs.alone,
    modelsInUse: library.inUse,
    pathOf: library.pathOf,
    events: {
      sweepChanged: tell('sweepChanged'),
      sweepPoint: tell('sweepPoint'),
      sweepTried: tell('sweepTried'),
      sweepRemoved: tell('sweepRemoved'),
    },
  })
  const probes = probeCalls({
    workspace,
    enqueue: runs.enqueue,
    cancel: runs.calls.cancelRun,
    modelsInUse: library.inUse,
    events: { probeChanged: tell('probeChanged') },
  })
  const logits = logitsCalls({
    readImage: here.calls.readImage,
    modelsInUse: library.inUse,
    networks,
  })
  const regions = regionCalls({ workspace, modelsInUse: library.inUse, networks })
  return {
    api: {
      ...library.calls,
      async removeSource(id) {
        // Networks map the files they come from, which keeps some systems from deleting them.
        await networks.close()
        await library.calls.removeSource(id)
      },
      ...runs.calls,
      ...selfTest.calls,
      ...here.calls,
      ...trashCalls(workspace),
      ...atlases.calls,
      ...mapCalls({
        workspace,
        openAtlas: atlases.open,
        forget: atlases.forget,
        worker: umapWorker,
        events: { atlasMapChanged: tell('atlasMapChanged') },
      }),
      ...labelCalls({
        workspace,
        openAtlas: atlases.open,
        events: { labelsChanged: tell('labelsChanged') },
      }),
      findClusters: first(find.findClusters),
      readAtlasImage: first(find.readAtlasImage),
      ...evaluations.calls,
      ...figures,
      ...exportCalls(workspace, { exportChanged: tell('exportChanged') }),
      previewFigure: first(figures.previewFigure),
      paintFigure: first(figures.paintFigure),
      ...sweeps.calls,
      ...probes.calls,
      ...logCalls(workspace, library.checkpoints),
      readSweep: first(sweeps.calls.readSweep),
      addImages: evaluations.addImages,
      readSetPicture: first(evaluations.calls.readSetPicture),
      readNearest: first(evaluations.calls.readNearest),
      ...codebooks.calls,
      ...regions,
      readPictureTokens: first(regions.readPictureTokens),
      readPatchFeatures: first(regions.readPatchFeatures),
      readPatchColours: first(regions.readPatchColours),
      readSquarePicture: first(regions.readSquarePicture),
      readCluster: first(atlases.calls.readCluster),
      readExamples: first(atlases.calls.readExamples),
      readAtlasPicture: first(atlases.calls.readAtlasPicture),
      listImages: first(here.calls.listImages),
      readImage: first(here.calls.readImage),
      readRecord: first(here.calls.readRecord),
      readTokens: first(here.calls.readTokens),
      readLogits: first(logits.readLogits),
      snapshot: first(async () => ({
        app: APP,
        ...library.snapshot(),
        selfTest: await selfTest.current(),
        runs: await here.runs(),
        favourites: await here.favourites(),
      })),
    },
    on(event, listener) {
      listeners[event].add(listener)
      return () => void listeners[event].delete(listener)
    },
  }
}
