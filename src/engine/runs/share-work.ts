// The open images of a run -> batches for this process, or for the cards it uses, with their progress.
import { RequestError } from '../../shared/errors.ts'
import type { WeightBits } from '../../shared/run/precision.ts'
import type { Card } from '../../shared/models/devices.ts'
import type { DecodeSpec, ReconstructSpec, SampleSpec } from '../../shared/run/run.ts'
import type { RunCallbacks } from '../devices/callbacks.ts'
import type { ImageJob, Recipe } from '../records/image-record.ts'
import { openCard } from './cards/card.ts'
import {
  computeBatch,
  imageQueue,
  type ImageNetworks,
  type ImageWorker,
  type MadeImage,
} from './image-work.ts'

/** What of a run its work needs. */
interface SharedRun {
  readonly spec: DecodeSpec | ReconstructSpec | SampleSpec
  readonly recipe: Pick<Recipe, 'weightBits'>
  readonly cards?: readonly Card[]
}

/** Progress of one worker. */
export interface Progress {
  /** Finished images of its batch, or a fraction of one. */
  report(made: number, note: string): void
}

interface WorkCallbacks extends Pick<RunCallbacks, 'signal' | 'preview'> {
  /** Images made by all, and what is going on. */
  progress(made: number, note: string): void
}

type Save = (batch: readonly ImageJob[], made: readonly MadeImage[], worker: Progress) => Promise<void>

/**
 * Makes all of `jobs` and saves each. The images of a card that fails go to the others; rejects when none is left. Adds
 * the seconds of each stage to `seconds`, those of all workers together.
 */
export async function shareWork(
  run: SharedRun,
  networks: ImageNetworks | undefined,
  jobs: readonly ImageJob[],
  callbacks: WorkCallbacks,
  seconds: Record<string, number>,
  save: Save,
): Promise<void> {
  if (jobs.length === 0) return
  const { signal } = callbacks
  const queue = imageQueue(jobs, run.spec.batchSize)
  const workers = openWorkers(run, networks, callbacks)
  const close = () => void Promise.allSettled(workers.map((worker) => worker.close()))
  signal.addEventListener('abort', close, { once: true })
  const shares = workers.map(() => ({ saved: 0, now: 0, rate: '' }))
  const tell = (note: string) => {
    const made = shares.reduce((sum, { saved, now }) => sum + saved + now, 0)
    const rates = shares.flatMap(({ rate }) => (rate === '' ? [] : [rate]))
    callbacks.progress(made, rates.length > 0 ? rates.join(', ') : note)
  }
  const problems: string[] = []
  let saving: Promise<void> = Promise.resolve()
  const work = async (worker: ImageWorker, i: number) => {
    const share = shares[i]!
    const started = performance.now()
    for (let batch; (batch = await queue.take()).length > 0;) {
      signal.throwIfAborted()
      const clock = stageClock(seconds)
      const progress: Progress = {
        report(made, note) {
          share.now = made
          tell(note)
        },
      }
      let made: readonly MadeImage[]
      try {
        made = await worker.compute(batch, (note, part) => {
          clock(note)
          progress.report(batch.length * GRIDS_SHARE * part, note)
        })
      } catch (error) {
        signal.throwIfAborted()
        if (worker.card === undefined) throw error
        problems.push((error as Error).message)
        Object.assign(share, { now: 0, rate: `${worker.card} failed` })
        queue.giveBack(batch)
        return
      }
      clock('files')
      // One after another, since the images of all may go into one archive; nothing is saved after a failure.
      saving = saving.then(() => save(batch, made, progress))
      try {
        await saving
      } catch (error) {
        queue.giveBack(batch)
        throw error
      }
      clock()
      Object.assign(share, { saved: share.saved + batch.length, now: 0 })
      queue.done()
      const rate = (1000 * share.saved) / (performance.now() - started)
      if (worker.card !== undefined) share.rate = `${worker.card} ${rate.toPrecision(2)} images/s`
    }
  }
  // All have ended before the folder is closed; the first failure ends the others.
  const ends = await Promise.allSettled(
    workers.map((worker, i) =>
      work(worker, i).catch((error: unknown) => {
        close()
        throw error
      }),
    ),
  )
  signal.removeEventListener('abort', close)
  close()
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  if (queue.left() > 0) throw new RequestError(`no card is left: ${problems.join('; ')}`)
}

/** Share of an image's time spent on its token grids, for progress; the rest is pixels and files. */
export const GRIDS_SHARE = 0.9

/** This process, or the cards of the run. */
function openWorkers(
  { cards = [], spec, recipe }: SharedRun,
  networks: ImageNetworks | undefined,
  callbacks: Pick<RunCallbacks, 'preview'>,
): readonly ImageWorker[] {
  if (!networks) {
    // The precision of the record, which one card must not choose otherwise than another.
    const asked = { ...(spec as SampleSpec), weightBits: recipe.weightBits as WeightBits }
    return cards.map((card) => openCard(card, cards.length, asked, callbacks))
  }
  return [
    {
      compute: (batch, report) => computeBatch(networks, batch, report),
      // The recipe closes its networks.
      close: async () => {},
    },
  ]
}

/** Adds the time between two calls to the stage named by the first. */
function stageClock(seconds: Record<string, number>): (next?: string) => void {
  let stage: string | undefined
  let since = performance.now()
  return (next) => {
    const now = performance.now()
    if (stage !== undefined) seconds[stage] = (seconds[stage] ?? 0) + (now - since) / 1000
    stage = next
    since = now
  }
}
