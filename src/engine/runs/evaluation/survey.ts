// Image sets -> the same sets, after every image was checked: all problems of all sets come together, before
// anything is computed, or unreadable images are left out where that was agreed to.
//   CACHE/survey-DIGEST.json   what was found in a set, until one of its files changes
import { join } from 'node:path'
import * as z from 'zod'
import { FormatError, RequestError } from '../../../shared/errors.ts'
import {
  SetProblemsError,
  type FoundSize,
  type SetProblems,
  type UnreadableImage,
} from '../../../shared/evaluation/set-problems.ts'
import { readCachedJson, writeCachedJson, cacheFolder } from '../../model-set/cache.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { openImageSet, type ImageSet } from './image-set.ts'

/** Images checked together: more would not be faster, since the codec has four threads. */
const AT_ONCE = 8
/** Images between two reports. */
const REPORT_EVERY = 64

interface Survey {
  /** Whether every image was decoded; else only its first and last bytes were read. */
  readonly whole: boolean
  readonly sizes: readonly FoundSize[]
  readonly unreadable: readonly UnreadableImage[]
}

const SurveySchema: z.ZodType<Survey> = z.object({
  whole: z.boolean(),
  sizes: z.array(z.object({ width: z.number(), height: z.number(), count: z.number(), first: z.string() })),
  unreadable: z.array(z.object({ name: z.string(), problem: z.string() })),
})

type Callbacks = Pick<RunCallbacks, 'signal' | 'progress' | 'turn'>

/**
 * The sets, without their unreadable images if `skip`.
 * @throws SetProblemsError with all problems of all sets; RequestError if fewer than two images are left
 */
export async function surveyed(
  sets: readonly ImageSet[],
  skip: boolean,
  callbacks: Callbacks,
): Promise<ImageSet[]> {
  const surveys: Survey[] = []
  for (const set of sets) surveys.push(await surveyOf(set, skip, callbacks))
  refuse(sets, surveys, skip)
  return Promise.all(sets.map((set, i) => withoutUnreadable(set, surveys[i]!.unreadable)))
}

/** Damage that only decoding finds stops the work; then every image is decoded, so that all of it is reported at once. */
export async function withAllProblems<T>(
  sets: readonly ImageSet[],
  callbacks: Callbacks,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const surveys: Survey[] = []
    // A set whose unreadable images are left out was decoded before.
    if (sets.some(({ skipped }) => skipped.length > 0)) throw error
    for (const set of sets) surveys.push(await surveyOf(set, true, callbacks))
    refuse(sets, surveys, false)
    throw error
  }
}

async function withoutUnreadable(set: ImageSet, unreadable: readonly UnreadableImage[]): Promise<ImageSet> {
  if (unreadable.length === 0) return set
  if (set.count - unreadable.length < 2)
    throw new RequestError(
      `${set.path}: needs at least 2 readable images, found ${set.count - unreadable.length} of ${set.count}`,
    )
  return openImageSet(set.path, set.size, unreadable)
}

function refuse(sets: readonly ImageSet[], surveys: readonly Survey[], skip: boolean): void {
  const found = sets.map(({ path, count, size }, i): SetProblems => ({
    set: path,
    count,
    sizes: size === undefined ? surveys[i]!.sizes : [],
    unreadable: skip ? [] : surveys[i]!.unreadable,
  }))
  const wrong = found.filter(({ sizes, unreadable }) => sizes.length > 1 || unreadable.length > 0)
  if (wrong.length > 0) throw new SetProblemsError(wrong)
}

async function surveyOf(set: ImageSet, whole: boolean, callbacks: Callbacks): Promise<Survey> {
  const path = join(cacheFolder(), `survey-${set.filesIdentity.slice(0, 32)}.json`)
  const known = SurveySchema.safeParse(await readCachedJson(path))
  if (known.success && (known.data.whole || !whole)) return known.data
  const survey = await lookAtAll(set, whole, callbacks)
  await writeCachedJson(path, survey)
  return survey
}

async function lookAtAll(
  set: ImageSet,
  whole: boolean,
  { signal, progress, turn }: Callbacks,
): Promise<Survey> {
  const sizes = new Map<string, { width: number; height: number; count: number; first: number }>()
  const unreadable: { image: number; problem: string }[] = []
  const lookAt = async (image: number) => {
    try {
      const { width, height } = await set.look(image, whole)
      const key = `${width} x ${height}`
      const seen = sizes.get(key) ?? { width, height, count: 0, first: image }
      sizes.set(key, { ...seen, count: seen.count + 1, first: Math.min(seen.first, image) })
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      unreadable.push({ image, problem: error.message.slice(error.place.length + 2) })
    }
  }
  const note = `checking the images of ${set.path}`
  for (let from = 0; from < set.count; from += AT_ONCE) {
    if (from % REPORT_EVERY === 0) {
      progress(from, set.count, note)
      await turn?.()
      signal.throwIfAborted()
    }
    const batch = Array.from({ length: Math.min(AT_ONCE, set.count - from) }, (_, i) => from + i)
    await Promise.all(batch.map(lookAt))
  }
  return {
    whole,
    sizes: [...sizes.values()]
      .sort((a, b) => b.count - a.count || a.first - b.first)
      .map(({ first, ...size }) => ({ ...size, first: set.nameOf(first) })),
    unreadable: unreadable
      .sort((a, b) => a.image - b.image)
      .map(({ image, problem }) => ({ name: set.nameOf(image), problem })),
  }
}
