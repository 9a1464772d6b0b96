// The one path from the engine to the page: a snapshot at every connection, then events.
import { computed, shallowRef } from 'vue'
import type { EngineApi, EngineEvents } from '../../../shared/contract/api.ts'
import { ENGINE_EVENTS } from '../../../shared/contract/events.ts'
import type { ConnectionState, EngineConnection } from '../../engine.ts'
import { putAtlas, refetchAtlases } from '../clusters/atlases.ts'
import { retryAtlas } from '../clusters/atlas.ts'
import { mapChanged, retryMaps } from '../clusters/atlas-maps.ts'
import { useEngine } from './calls.ts'
import { putExport } from '../library/exports.ts'
import { putComparison, retryComparisons } from '../codebooks/codebooks.ts'
import { putFavourites } from '../images/favourites.ts'
import { addImage, refetchImages, relistImages } from '../images/images.ts'
import { welcome } from '../sample/first-visit.ts'
import { held, modelSet } from '../models/models-in-use.ts'
import { refetchKeptPictures } from '../regions/kept-pictures.ts'
import { retryFinding } from '../clusters/finding.ts'
import { retryTokenLabels } from '../clusters/token-labels.ts'
import { putLabels, retryLabels } from '../clusters/labels.ts'
import { refetchLeftOut } from './left-out.ts'
import { retryLogits } from '../images/logits.ts'
import { retryAttention } from '../inspect/why.ts'
import { selfTest } from './machine.ts'
import { putOpened } from '../models/opened-models.ts'
import { forgetPatches, retryPatches } from '../regions/patches.ts'
import { retryImages } from '../images/retry.ts'
import { showPreview } from '../images/previews.ts'
import {
  dropEvaluation,
  dropMeasurement,
  putEvaluation,
  putImageSets,
  putMeasurement,
  putSearch,
  refetchMeasurements,
  refetchProtocols,
} from '../evaluate/measurements.ts'
import { inOrder } from './in-order.ts'
import { notify } from './notices.ts'
import { attemptAgain, report } from './problems.ts'
import { putTraining, refetchTrainings } from '../clusters/trained-codebooks.ts'
import { putLikelihood, refetchLikelihoods } from '../likelihood/likelihoods.ts'
import { putProbe, refetchProbes } from '../curves/linear-probes.ts'
import { retryRecords } from '../images/records.ts'
import { trashChanged } from '../library/trash.ts'
import { dropRun, putRun, putRuns, runOf } from '../sample/runs.ts'
import { refreshColours, retryColours } from '../images/token-colours.ts'
import { refetchSlurm } from '../slurm/placement.ts'
import { retryScalePictures } from '../images/scale-pictures.ts'
import { putTried } from '../curves/sweep-form.ts'
import { dropVerdict, putVerdict, refetchVerdicts, verdictOf } from '../curves/verdicts.ts'
import { dropSweep, putPoint, putSweep, refetchSweeps, sweepOf } from '../curves/sweeps.ts'

export const connection = shallowRef<ConnectionState>('connecting')
export const app = shallowRef<{ readonly name: string; readonly version: string }>()

/** True after the first snapshot. */
export const ready = computed(() => app.value !== undefined)

/** Handlers of all events: the compiler checks that none is missing. */
const HEARD: EngineEvents = {
  runChanged(run) {
    if (!runOf(run.id)) {
      comesBack(run.id)
      if (run.finished > 0) void refetchMeasurements()
    }
    putRun(run)
    if (run.status.state === 'failed') report(`Run ${run.id} failed`, new Error(run.status.error.message))
  },
  preview: showPreview,
  imageFinished(run, entry) {
    addImage(run, entry)
    // A record requested too early may exist now.
    retryRecords()
  },
  runRemoved(run) {
    dropRun(run)
    void trashChanged()
    void refetchMeasurements()
  },
  favouritesChanged: putFavourites,
  modelSetChanged(changed) {
    modelSet.value = Object.freeze(changed)
    held.value = undefined
    retryLogits()
    retryScalePictures()
    retryAttention()
    forgetPatches()
    void refetchProtocols()
    retryFinding()
  },
  modelsOpened: putOpened,
  selfTestChanged: (test) => void (selfTest.value = Object.freeze(test)),
  atlasChanged(atlas) {
    putAtlas(atlas)
    if (atlas.info) refreshColours()
  },
  imageSetsChanged: putImageSets,
  evaluationChanged: putEvaluation,
  evaluationDismissed: dropEvaluation,
  measurementAdded: putMeasurement,
  measurementRemoved: dropMeasurement,
  nearestChanged: putSearch,
  exportChanged: putExport,
  sweepChanged(sweep) {
    if (!sweepOf(sweep.id)) comesBack(sweep.id)
    putSweep(sweep)
    if (sweep.status.state === 'failed') report('Sweep failed', new Error(sweep.status.error.message))
  },
  sweepPoint: putPoint,
  sweepRemoved(sweep) {
    dropSweep(sweep)
    void trashChanged()
  },
  sweepTried: putTried,
  verdictChanged(verdict) {
    if (!verdictOf(verdict.id)) comesBack(verdict.id)
    putVerdict(verdict)
    if (verdict.status.state === 'failed') report('Verdict failed', new Error(verdict.status.error.message))
  },
  verdictRemoved(verdict) {
    dropVerdict(verdict)
    void trashChanged()
  },
  probeChanged(probe) {
    putProbe(probe)
    if (probe.status.state === 'failed') report('Linear probe failed', new Error(probe.status.error.message))
  },
  likelihoodChanged(likelihood) {
    putLikelihood(likelihood)
    const { status } = likelihood
    if (status.state === 'failed') report('Likelihood failed', new Error(status.error.message))
  },
  kmeansChanged(codebook) {
    putTraining(codebook)
    const { status } = codebook
    if (status.state === 'failed') report('K-Means failed', new Error(status.error.message))
  },
  codebooksChanged: putComparison,
  atlasMapChanged: mapChanged,
  labelsChanged: putLabels,
  engineStopped: (problem) => report('The engine stopped', new Error(problem.message)),
  workResumed({ resumed, problems }) {
    const jobs = resumed === 1 ? '1 job' : `${resumed} jobs`
    if (resumed > 0) notify(`Resumed the unfinished work of the last session (${jobs})`)
    for (const problem of problems) report('Could not resume unfinished work', new Error(problem))
  },
}

/** A run, sweep or verdict that was not here is new, or was in the trash, where nothing could be read of its images. */
function comesBack(id: string): void {
  relistImages(id)
  retryImages()
}

/** Connects the state to an engine; call once. */
export function followEngine(connected: EngineConnection): void {
  const engine = inOrder(connected)
  useEngine(engine.api)
  for (const event of ENGINE_EVENTS) engine.on(event, HEARD[event])
  engine.onState((state) => {
    // An engine that was only silent has kept its connection, and no event was missed.
    const missed = connection.value !== 'silent'
    connection.value = state
    if (state === 'connected' && missed) void refresh(engine.api)
  })
}

async function refresh(api: EngineApi): Promise<void> {
  const snapshot = await attemptAgain('Could not read the engine state', () => api.snapshot())
  if (!snapshot) return
  modelSet.value = snapshot.modelSet && Object.freeze(snapshot.modelSet)
  held.value = snapshot.held
  putOpened(snapshot.opened)
  selfTest.value = Object.freeze(snapshot.selfTest)
  putRuns(snapshot.runs)
  putFavourites(snapshot.favourites)
  refetchImages()
  retryImages()
  retryPatches()
  retryComparisons()
  void refetchKeptPictures()
  retryAtlas()
  retryMaps()
  retryLabels()
  retryColours()
  retryTokenLabels()
  retryFinding()
  void refetchAtlases()
  void refetchLeftOut()
  void refetchMeasurements()
  void refetchSweeps()
  void refetchVerdicts()
  void refetchProbes()
  void refetchTrainings()
  void refetchLikelihoods()
  void refetchSlurm()
  welcome(snapshot)
  app.value = snapshot.app
}
