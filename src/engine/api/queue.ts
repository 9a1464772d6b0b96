// The queue of recipes: one at a time on the devices of this machine, each a step of a job.
import type { RunSpec } from '../../shared/run/run.ts'
import { runAtlas } from '../runs/atlas/atlas.ts'
import { runCodebooks } from '../runs/atlas/codebooks.ts'
import { runDecode } from '../runs/decode.ts'
import { runEvaluate } from '../runs/evaluation/evaluate.ts'
import { runNearest } from '../runs/evaluation/nearest.ts'
import { runReference } from '../runs/evaluation/write-reference.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { runImportTokens } from '../runs/import-tokens.ts'
import { runKMeans } from '../runs/kmeans/kmeans.ts'
import type { Networks } from '../devices/network-pool.ts'
import { runLikelihood } from '../runs/likelihood/likelihood.ts'
import { runProbe } from '../runs/linear-probe/linear-probe.ts'
import { runReconstruct } from '../runs/reconstruct.ts'
import { runSample } from '../runs/sample.ts'
import { runSweep } from '../runs/sweep/sweep.ts'
import { runVerdict } from '../runs/verdict/verdict.ts'
import { runTokenize } from '../runs/tokenize.ts'
import { oneAtATime, type Line, type Step } from './jobs.ts'

/** Callbacks of a recipe to a job other than progress. */
export type PartCallbacks = Pick<RunCallbacks, 'preview' | 'finished' | 'partFinished'>

export interface Queue {
  /** Waits for earlier work, and then uses the devices exclusively. */
  readonly line: Line
  readonly recipe: (spec: RunSpec, heard?: PartCallbacks) => Step
}

/** Executes a specification; tests replace it. */
export type Perform = (spec: RunSpec, callbacks: RunCallbacks) => Promise<RunResult>

type Recipes = {
  readonly [K in RunSpec['kind']]: (
    spec: Extract<RunSpec, { kind: K }>,
    callbacks: RunCallbacks,
  ) => Promise<RunResult>
}

const RECIPES: Recipes = {
  sample: runSample,
  reconstruct: runReconstruct,
  tokenize: runTokenize,
  'import-tokens': runImportTokens,
  kmeans: runKMeans,
  atlas: runAtlas,
  codebooks: runCodebooks,
  decode: runDecode,
  evaluate: runEvaluate,
  nearest: runNearest,
  reference: runReference,
  sweep: runSweep,
  verdict: runVerdict,
  probe: runProbe,
  likelihood: runLikelihood,
}

/** Minimum time between two previews of a run; the last one of a stage is always reported. */
const PREVIEW_MS = 100

export function openQueue(perform: Perform = performRecipe): Queue {
  return {
    line: oneAtATime(),
    recipe:
      (spec, { preview, ...heard } = {}) =>
      (callbacks) =>
        perform(spec, { ...callbacks, ...heard, ...(preview ? { preview: seldom(preview) } : {}) }),
  }
}

/**
 * Runs recipes with networks that stay open in between, and yields to short calls. After a failure, networks are
 * closed.
 */
export const performKeeping =
  (networks: Networks, turn: () => Promise<void>): Perform =>
  async (spec, callbacks) => {
    try {
      return await performRecipe(spec, { ...callbacks, networks, turn })
    } catch (error) {
      if (!callbacks.signal.aborted) await networks.close()
      throw error
    }
  }

const performRecipe: Perform = (spec, callbacks) => (RECIPES[spec.kind] as Perform)(spec, callbacks)

/** Passes on at most one preview per PREVIEW_MS, and always the last one of autoregressive grids. */
function seldom(tell: Required<RunCallbacks>['preview']): Required<RunCallbacks>['preview'] {
  let told = { at: -Infinity, done: Infinity }
  return (preview, part) => {
    const now = performance.now()
    const cells = preview.images[0]?.tokens.length
    const isLast = preview.done === cells && told.done < cells
    if (now - told.at < PREVIEW_MS && !isLast) return
    told = { at: now, done: preview.done }
    tell(preview, part)
  }
}
