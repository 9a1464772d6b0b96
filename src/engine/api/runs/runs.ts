// The part of the contract that is about runs: a queue that works on one at a time, and their states.
import type { HostApi, HostEvents, ImageEntry, Preview } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import { RunSpecSchema, type RunSpec, type RunState, type RunStatus } from '../../../shared/run/run.ts'
import { runAtlas } from '../../runs/atlas/atlas.ts'
import { runCodebooks } from '../../runs/atlas/codebooks.ts'
import { runDecode } from '../../runs/decode.ts'
import { runEvaluate } from '../../runs/evaluation/evaluate.ts'
import { runNearest } from '../../runs/evaluation/nearest.ts'
import { runReference } from '../../runs/evaluation/write-reference.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { runImportTokens } from '../../runs/import-tokens.ts'
import { runKMeans } from '../../runs/kmeans/kmeans.ts'
import type { Networks } from '../../devices/network-pool.ts'
import { runProbe } from '../../runs/linear-probe/linear-probe.ts'
import { runReconstruct } from '../../runs/reconstruct.ts'
import { runSample } from '../../runs/sample.ts'
import { runSweep } from '../../runs/sweep/sweep.ts'
import { runTokenize } from '../../runs/tokenize.ts'

export interface RunCalls {
  readonly calls: Pick<HostApi, 'startRun' | 'cancelRun' | 'listRuns'>
  /** Queues a run under an id of the caller's. */
  readonly enqueue: (id: string, spec: RunSpec) => void
  /** Other work that wants the devices to itself: it waits for the runs queued before it, and later runs for it. */
  readonly alone: (work: () => Promise<void>) => void
}

type RunEvents = Pick<HostEvents, 'stateChanged'> & {
  /** `part` names a run within the run: the cell of a sweep. */
  preview(preview: Preview, part?: string): void
  imageFinished(run: string, image: ImageEntry, part?: string): void
  partFinished?(run: string, part: string): void
}

/** What runs a recipe; tests put their own in its place. */
export type Perform = (spec: RunSpec, callbacks: RunCallbacks) => Promise<RunResult>

/** Between two previews of a run; the last one of a stage is always told. */
const PREVIEW_MS = 100
const GRID_TOKENS = 256

export function runCalls(events: RunEvents, perform: Perform = performRecipe): RunCalls {
  const runs = new Map<string, RunState>()
  const controllers = new Map<string, AbortController>()
  let last: Promise<void> = Promise.resolve()

  const change = (id: string, spec: RunSpec, status: RunStatus) => {
    const run: RunState = Object.freeze({ id, spec, status })
    runs.set(id, run)
    events.stateChanged(run)
  }
  const work = async (id: string, spec: RunSpec, controller: AbortController) => {
    // Cancelled while it waited; it may have been queued again since.
    if (controllers.get(id) !== controller) return
    const { signal } = controller
    let finished = 0
    try {
      const result = await perform(spec, {
        signal,
        progress(step, of, note) {
          if (controllers.get(id) !== controller) return
          finished = Math.floor(step)
          change(id, spec, { state: 'running', step, of, note })
        },
        preview: seldom((preview, part) => events.preview({ run: id, ...preview }, part)),
        finished: (image, part) => events.imageFinished(id, image, part),
        partFinished: (part) => events.partFinished?.(id, part),
      })
      change(id, spec, { state: 'done', ...result })
    } catch (error) {
      if (controllers.get(id) !== controller) return
      if (signal.aborted) change(id, spec, { state: 'cancelled', finished })
      else change(id, spec, { state: 'failed', finished, error: plainError(error) })
    } finally {
      if (controllers.get(id) === controller) controllers.delete(id)
    }
  }
  const enqueue = (id: string, spec: RunSpec) => {
    const controller = new AbortController()
    controllers.set(id, controller)
    change(id, spec, { state: 'queued' })
    last = last.then(() => work(id, spec, controller))
  }
  return {
    enqueue,
    alone: (work) => void (last = last.then(work)),
    calls: {
      async startRun(asked) {
        const spec = checkedSpec(asked)
        const id = `${spec.kind}-${runs.size + 1}`
        enqueue(id, spec)
        return id
      },
      async cancelRun(id) {
        const run = runs.get(id)
        if (!run) throw new RequestError(`there is no run '${id}'`)
        controllers.get(id)?.abort()
        if (run.status.state !== 'queued') return
        controllers.delete(id)
        change(id, run.spec, { state: 'cancelled', finished: 0 })
      },
      listRuns: async () => [...runs.values()],
    },
  }
}

/** Passes on at most one preview in PREVIEW_MS, and every last one of autoregressive grids. */
function seldom(tell: Required<RunCallbacks>['preview']): Required<RunCallbacks>['preview'] {
  let told = { at: -Infinity, done: GRID_TOKENS }
  return (preview, part) => {
    const now = performance.now()
    const isLast = preview.done === GRID_TOKENS && told.done < GRID_TOKENS
    if (now - told.at < PREVIEW_MS && !isLast) return
    told = { at: now, done: preview.done }
    tell(preview, part)
  }
}

/**
 * Runs recipes with networks that stay open in between, and gives way to questions; what failed once is not trusted
 * with the next run.
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

function performRecipe(spec: RunSpec, callbacks: RunCallbacks): Promise<RunResult> {
  switch (spec.kind) {
    case 'sample':
      return runSample(spec, callbacks)
    case 'reconstruct':
      return runReconstruct(spec, callbacks)
    case 'tokenize':
      return runTokenize(spec, callbacks)
    case 'import-tokens':
      return runImportTokens(spec, callbacks)
    case 'kmeans':
      return runKMeans(spec, callbacks)
    case 'atlas':
      return runAtlas(spec, callbacks)
    case 'codebooks':
      return runCodebooks(spec, callbacks)
    case 'decode':
      return runDecode(spec, callbacks)
    case 'evaluate':
      return runEvaluate(spec, callbacks)
    case 'nearest':
      return runNearest(spec, callbacks)
    case 'reference':
      return runReference(spec, callbacks)
    case 'sweep':
      return runSweep(spec, callbacks)
    case 'probe':
      return runProbe(spec, callbacks)
  }
}

function checkedSpec(asked: RunSpec): RunSpec {
  const { success, data, error } = RunSpecSchema.safeParse(asked)
  if (success) return data
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new RequestError(`run not understood: ${problems.join('; ')}`)
}

function plainError(thrown: unknown): { name: string; message: string; stack?: string } {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) }
  const { name, message, stack } = thrown
  return stack === undefined ? { name, message } : { name, message, stack }
}
