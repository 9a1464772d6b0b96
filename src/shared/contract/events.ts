// The only list of event names: the compiler checks it against the interfaces, everything else is derived from it.
import type { EngineEvents, HostEvents } from './api.ts'

const OF_A_PAGE = {
  runChanged: true,
  runRemoved: true,
  preview: true,
  imageFinished: true,
  favouritesChanged: true,
  modelSetChanged: true,
  modelsOpened: true,
  selfTestChanged: true,
  atlasChanged: true,
  atlasMapChanged: true,
  labelsChanged: true,
  codebooksChanged: true,
  imageSetsChanged: true,
  evaluationChanged: true,
  evaluationDismissed: true,
  measurementAdded: true,
  measurementRemoved: true,
  nearestChanged: true,
  exportChanged: true,
  sweepChanged: true,
  sweepPoint: true,
  sweepTried: true,
  sweepRemoved: true,
  verdictChanged: true,
  verdictRemoved: true,
  probeChanged: true,
  kmeansChanged: true,
  likelihoodChanged: true,
  engineStopped: true,
  workResumed: true,
} satisfies Record<keyof EngineEvents, true>
const OF_A_HOST = { ...OF_A_PAGE, stateChanged: true } satisfies Record<keyof HostEvents, true>

/** Events for every page. */
export const ENGINE_EVENTS = Object.keys(OF_A_PAGE) as readonly (keyof EngineEvents)[]
/** Events for a host on this machine. */
export const HOST_EVENTS = Object.keys(OF_A_HOST) as readonly (keyof HostEvents)[]
