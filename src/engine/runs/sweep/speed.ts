// Finished runs, or a short trial run -> the speed of sampling and measuring on this machine.
import { oneDevice } from '../../../shared/models/devices.ts'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import * as z from 'zod'
import type { ProtocolName } from '../../../shared/evaluation/evaluation.ts'
import { presentNames } from '../../../shared/run/earlier-names.ts'
import { SampleSpecSchema, type SampleSpec, type SweepSpec } from '../../../shared/run/run.ts'
import { finishedImages } from '../../records/workspace.ts'
import { PROTOCOLS } from '../../metrics/index.ts'
import { scope } from '../../devices/scope.ts'
import { runEvaluate } from '../evaluation/evaluate.ts'
import { IMAGES_AT_ONCE } from '../evaluation/extractor.ts'
import { openExtractor } from '../evaluation/open-extractor.ts'
import { holdsStatistics, openImageSet } from '../evaluation/image-set.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { openModels } from '../../model-set/open-models.ts'
import { chooseDevice } from '../../devices/device-probe.ts'
import { runSample } from '../sample.ts'
import { lastStamp } from './sweep-record.ts'
import { measuring, plannedCells } from './sweep.ts'
import { parseJson } from '../../../shared/plain-json.ts'

/** Time of a run, in seconds per image. */
export interface SamplingSpeed {
  /** `64 images of RUN`. */
  readonly words: string
  readonly spec: SampleSpec
  /** Images per batch. */
  readonly batch: number
  readonly stage1: number
  readonly stage2: number
  readonly rest: number
}

export interface MeasuringSpeed {
  readonly protocol: ProtocolName
  /** Images that were measured. */
  readonly n: number
  /** Whether the error was computed too. */
  readonly confidence: boolean
  /** Time of one measurement, including the reference if it had to be processed. */
  readonly seconds: number
  readonly once: number
}

export interface Speeds {
  readonly sampling: readonly SamplingSpeed[]
  readonly measuring: readonly MeasuringSpeed[]
}

/** The newest runs are enough; a library may have thousands. */
const MOST_RUNS = 60
/** Time limit for each half of a trial run. */
const TRY_MS = 10_000
/** Lower bound for the finished share of an image, so that the estimate for a very slow network is finite. */
const LEAST_SHARE = 1e-3
/** Side of the pictures used to time the extractor, as in the release. */
const PICTURE_SIDE = 256

const RecordSchema = z.object({
  spec: SampleSpecSchema,
  ended: z.string(),
  seconds: z.record(z.string(), z.number()),
})

/**
 * Speeds of the runs in this folder, last names first: ids in the workspace start with the date.
 * @param called how the page names the runs. @default their folder names
 */
export async function speedsIn(folder: string, called?: string): Promise<Speeds> {
  const names = await readdir(folder).catch(() => [])
  const newest = names.sort().reverse().slice(0, MOST_RUNS)
  const speeds = await Promise.all(newest.map((name) => speedsOf(join(folder, name), called ?? name)))
  return joined(speeds)
}

export const joined = (speeds: readonly Speeds[]): Speeds => ({
  sampling: speeds.flatMap(({ sampling }) => sampling),
  measuring: speeds.flatMap(({ measuring }) => measuring),
})

/** Speed of one run; none if it did not finish. */
async function speedsOf(folder: string, name: string): Promise<Speeds> {
  const text = await readFile(join(folder, 'run.json'), 'utf8').catch(() => '{}')
  const { data } = RecordSchema.safeParse(parsed(text))
  const images = data ? (await finishedImages(join(folder, 'images')).catch(() => [])).length : 0
  if (!data || images === 0) return { sampling: [], measuring: [] }
  const { spec, seconds } = data
  const all = Object.values(seconds).reduce((sum, value) => sum + value, 0)
  const [first = 0, second = 0] = [seconds['stage 1'], seconds['stage 2']]
  const stamp = await lastStamp(folder)
  const speed: SamplingSpeed = {
    words: `${images} images of ${name}`,
    spec,
    batch: Math.min(spec.batchSize, images),
    stage1: first / images,
    stage2: second / images,
    rest: (all - first - second) / images,
  }
  return {
    sampling: all > 0 ? [speed] : [],
    measuring: stamp?.samples.n
      ? [
          {
            protocol: stamp.metric,
            n: stamp.samples.n,
            confidence: stamp.confidence !== undefined,
            seconds: stamp.total_time,
            once: 0,
          },
        ]
      : [],
  }
}

function parsed(text: string): unknown {
  try {
    return presentNames(parseJson(text))
  } catch {
    return undefined
  }
}

/** Makes one batch of the first cell, and measures it, in a temporary folder; takes at most about 20 seconds. */
export async function trySweep(spec: SweepSpec, callbacks: RunCallbacks): Promise<Speeds> {
  const [cell] = plannedCells(spec)
  const out = await mkdtemp(join(tmpdir(), 'digit-try-'))
  try {
    const count = Math.max(2, Math.min(cell!.spec.count, cell!.spec.batchSize))
    const sample = { ...cell!.spec, count, out }
    const tried = await within(callbacks, 'stage', (own) => runSample(sample, own))
    const words = `a trial run of ${count} images`
    if (!tried.whole) {
      // Half of the steps of an image belong to stage 1.
      const each = tried.seconds / Math.max(tried.images, LEAST_SHARE) / 2
      const speed = {
        words: 'a short trial run',
        spec: sample,
        batch: count,
        stage1: each,
        stage2: each,
        rest: 0,
      }
      const measuring = spec.measure ? [await tryExtraction(spec, spec.measure, count)] : []
      return { sampling: [speed], measuring }
    }
    const { sampling } = await speedsOf(out, '')
    const measuring = spec.measure ? [await tryMeasuring(spec, spec.measure, out, count, callbacks)] : []
    return { sampling: sampling.map((speed) => ({ ...speed, words })), measuring }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

async function tryMeasuring(
  { base }: SweepSpec,
  measure: NonNullable<SweepSpec['measure']>,
  out: string,
  n: number,
  callbacks: RunCallbacks,
): Promise<MeasuringSpeed> {
  const asked = measuring({ ...base, out }, measure, false)
  const tried = await within(callbacks, 'features', (own) => runEvaluate(asked, own))
  // Most trial runs have too few images for an error.
  const told = { protocol: measure.protocol, n, confidence: false }
  if (tried.whole) return { ...told, seconds: tried.all, once: 0 }
  // It is extracting the features of the reference, which may be large.
  const each = tried.seconds / Math.max(1, tried.images)
  return { ...told, seconds: n * each, once: tried.of * each }
}

/**
 * Used if there are no samples yet: speed of feature extraction on any pictures; assumes that the whole reference is
 * still to do.
 */
async function tryExtraction(
  { base: { model, choose, device } }: SweepSpec,
  { protocol, reference, size, inception }: NonNullable<SweepSpec['measure']>,
  n: number,
): Promise<MeasuringSpeed> {
  const known = (await holdsStatistics(reference)) ? 0 : (await openImageSet(reference, size)).count
  return scope(async (keep) => {
    const models = keep(await openModels([model], choose))
    const { provider } = await chooseDevice(oneDevice(device))
    const extractor = keep(
      await openExtractor(PROTOCOLS[protocol].extractor, models, provider, { inception }),
    )
    const side = size ?? PICTURE_SIDE
    const pictures = Array.from({ length: IMAGES_AT_ONCE }, () => ({
      rgb: new Uint8Array(side * side * 3),
      width: side,
      height: side,
    }))
    // The first run includes preparation of the device.
    await extractor.extract(pictures)
    const begun = performance.now()
    await extractor.extract(pictures)
    const each = (performance.now() - begun) / 1000 / IMAGES_AT_ONCE
    return { protocol, n, confidence: false, seconds: n * each, once: known * each }
  })
}

interface Tried {
  /** Whether it finished in time. */
  readonly whole: boolean
  /** Seconds in total, and from the first progress with this word on. */
  readonly all: number
  readonly seconds: number
  /** Images finished in `seconds`, and the total. */
  readonly images: number
  readonly of: number
}

/** Stops the work after a time limit; the progress until then gives the speed. */
async function within(
  callbacks: RunCallbacks,
  word: string,
  work: (callbacks: RunCallbacks) => Promise<unknown>,
): Promise<Tried> {
  const enough = new AbortController()
  // Opening networks and scanning files do not count.
  let timer: NodeJS.Timeout | undefined
  const begun = performance.now()
  let [first, last, note, of] = [{ at: 0, step: 0 }, { at: 0, step: 0 }, undefined as string | undefined, 0]
  const { networks, turn, signal } = callbacks
  const own: RunCallbacks = {
    ...(networks ? { networks } : {}),
    turn,
    signal: AbortSignal.any([signal, enough.signal]),
    progress(step, total, what) {
      callbacks.progress(0, 1, `trial run: ${basename(what)}`)
      if (!what.includes(word)) return
      timer ??= setTimeout(() => enough.abort(), TRY_MS)
      last = { at: performance.now(), step }
      const key = word === 'features' ? what : word
      if (note !== key) [note, first, of] = [key, last, total]
    },
  }
  const told = (whole: boolean): Tried => ({
    whole,
    all: (performance.now() - begun) / 1000,
    seconds: (last.at - first.at) / 1000,
    images: last.step - first.step,
    of,
  })
  try {
    await work(own)
    return told(true)
  } catch (error) {
    if (signal.aborted || !enough.signal.aborted) throw error
    return told(false)
  } finally {
    clearTimeout(timer)
  }
}
