// Samples and the images of a reference -> the nearest real images of every sample in feature space.
//   OUT/nearest.npz    index i32 [n, k] and distance f32 [n, k], nearest first, -1 and NaN for a skipped image; real f32 [m], from each real image
//                      to the nearest other one; distances are L2
//   OUT/nearest.json   which sets these numbers belong to
import { basename, join } from 'node:path'
import * as z from 'zod'
import { RequestError } from '../../../shared/errors.ts'
import type { NearestSpec } from '../../../shared/evaluation/evaluation.ts'
import type { NearestImages } from '../../../shared/evaluation/measurements.ts'
import { makeFolder, openFile, readNpz, writeFileAtomic, writeNpz } from '../../bytes/index.ts'
import { nearestNeighbours, rowsBetween } from '../../metrics/index.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import { readJsonFile } from '../../records/json-file.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { openSetFeatures } from './features.ts'
import { openImageSet } from './image-set.ts'
import { lookAtSets, metricWork } from './look-at-sets.ts'
import { openReference } from './open-reference.ts'

/** Real images stored for every sample. */
const NEAREST = 8
/** Samples searched together. Progress is reported and cancellation checked in between. */
const AT_ONCE = 1024

/** `nearest.json`. */
interface NearestRecord {
  readonly schema: 1
  /** Identities of the sets: they change when a file does. */
  readonly samples: string
  readonly reference: string
}

const NearestRecordSchema: z.ZodType<NearestRecord> = z.object({
  schema: z.literal(1),
  samples: z.string(),
  reference: z.string(),
})

export async function runNearest(spec: NearestSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => findNearest(spec, callbacks, keep))
}

async function findNearest(spec: NearestSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  const { samples, reference, extractor } = await lookAtSets(spec, callbacks, keep)
  const { set } = reference
  if (!set) throw new RequestError(`${spec.reference}: contains statistics only, no real images`)
  const own = keep(await openSetFeatures(samples, extractor, callbacks)).layers.features!
  const real = (await openReference(reference, extractor, callbacks, keep)).layers.features!
  const work = await metricWork(callbacks, keep)
  const k = Math.min(NEAREST, real.count)
  // A row for every image of the folder; those of skipped images stay empty.
  const rows = own.count + samples.skipped.length
  const index = new Int32Array(rows * k).fill(-1)
  const distance = new Float32Array(rows * k).fill(NaN)
  const total = own.count + real.count
  const note = 'nearest real images'
  callbacks.progress(0, total, note)
  for (let from = 0; from < own.count; from += AT_ONCE) {
    const part = rowsBetween(own, from, Math.min(own.count, from + AT_ONCE))
    const found = await nearestNeighbours(part, real, k, work)
    for (let i = 0; i < part.count; i++) {
      const [row, own] = [samples.numberOf(from + i) * k, [i * k, (i + 1) * k] as const]
      index.set(
        found.index.subarray(...own).map((image) => set.numberOf(image)),
        row,
      )
      distance.set(found.distance.subarray(...own).map(Math.sqrt), row)
    }
    callbacks.progress(from + part.count, total, note)
  }
  const apart =
    real.count > 1
      ? Float32Array.from(
          (await nearestNeighbours(real, real, 1, { ...work, self: true })).distance,
          Math.sqrt,
        )
      : new Float32Array(0)
  await makeFolder(spec.out)
  await writeNpz(join(spec.out, 'nearest.npz'), {
    index: { data: index, shape: [rows, k] },
    distance: { data: distance, shape: [rows, k] },
    real: { data: apart },
  })
  const record: NearestRecord = { schema: 1, samples: samples.filesIdentity, reference: set.filesIdentity }
  await writeFileAtomic(join(spec.out, 'nearest.json'), JSON.stringify(record) + '\n')
  return {
    finished: own.count,
    summary: `found the ${k} nearest of ${real.count} real images for ${own.count} samples`,
  }
}

/** Undefined if they have not been computed yet. */
export async function readNearest(
  folder: string,
): Promise<{ readonly found: NearestImages; readonly record: NearestRecord } | undefined> {
  const record = await readJsonFile(join(folder, 'nearest.json'), NearestRecordSchema)
  if (!record) return undefined
  const source = await openFile(join(folder, 'nearest.npz'))
  try {
    const arrays = await readNpz(source, ['index', 'distance', 'real'])
    const [index, distance, real] = ['index', 'distance', 'real'].map((name) => arrays.get(name)!)
    return {
      record,
      found: {
        k: index!.shape[1]!,
        index: Int32Array.from(index!.data, Number),
        distance: Float32Array.from(distance!.data, Number),
        real: Float32Array.from(real!.data, Number),
      },
    }
  } finally {
    await source.close()
  }
}

/** The name of the first set whose files have changed since the search, if any. */
export async function setsAsTheyWere(
  { samples, reference }: NearestRecord,
  images: string,
  real: string,
): Promise<string | undefined> {
  for (const [path, identity] of [
    [images, samples],
    [real, reference],
  ] as const)
    if ((await openImageSet(path)).filesIdentity !== identity) return basename(path)
  return undefined
}
