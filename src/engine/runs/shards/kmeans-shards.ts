// K-Means in shards. Each pass over the training points is divided into blocks; one reducer adds the sums of the blocks
// in their order, moves the centroids, and says with which centroids the next pass is to be made:
//   FOLDER/centroids.npy     float32 [K, D], of the pass that is to be made
//   FOLDER/HASH-0003.npz     sums [K, D], sizes [K] and objective of block 3 with the centroids of this hash
// Files of features are float16, whose sums in float64 are exact as long as they stay below 2^29 (every value is a
// multiple of 2^-24, and a float64 has 53 bits): then any blocks give the centroids of one process to the bit. The
// objective is a sum of float32 distances; it depends on the blocks in its last digits.
import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { KMeansSpec } from '../../../shared/run/run.ts'
import {
  encodeNpy,
  makeFolder,
  openFile,
  readNpy,
  readNpz,
  writeFileAtomic,
  writeNpz,
} from '../../bytes/index.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { chooseDevice } from '../../devices/device-probe.ts'
import { scope } from '../../devices/scope.ts'
import { openFeatures } from '../../tokenizer/feature-shards.ts'
import { FILE_PICTURES, joinUnreadable } from '../../tokenizer/features.ts'
import { trainingPoints } from '../../tokens/kmeans/faiss.ts'
import type { Assignment } from '../../tokens/kmeans/train.ts'
import { openAssigner } from '../kmeans/assign.ts'
import { featureFiles, kmeansInput, runKMeans } from '../kmeans/kmeans.ts'
import { blockOf, type Shard } from './block.ts'

const CENTROIDS = 'centroids.npy'
const suffixOf = (shard: number) => `-shard-${shard}`

/** Passes of a whole training: one an iteration, and one to describe the final clusters. */
export const passesOf = ({ iterations, restarts }: KMeansSpec): number => iterations * restarts + 1

/** Encodes the pictures of a shard. */
export async function encodeShardOf(spec: KMeansSpec, shard: Shard, callbacks: RunCallbacks): Promise<void> {
  await scope(async (keep) => {
    const { provider } = await chooseDevice(spec.device)
    const { pictures = 0, features } = await kmeansInput(spec, callbacks, keep)
    await features(provider, {
      ...blockOf(pictures, FILE_PICTURES, shard),
      suffix: suffixOf(shard.shard),
    })
  })
}

/** One block of the pass that is to be made. */
export async function assignShard(
  spec: KMeansSpec,
  shard: Shard,
  folder: string,
  callbacks: RunCallbacks,
): Promise<void> {
  await scope(async (keep) => {
    const { provider } = await chooseDevice(spec.device)
    const centroids = await readCentroids(join(folder, CENTROIDS))
    const points = keep(await openFeatures(await featureFiles(spec)))
    const { k, maxPointsPerCentroid, seed } = spec
    const assigner = keep(await openAssigner(points.width, k, provider))
    const mask = new Uint8Array(points.count)
    for (const number of trainingPoints(points.count, k, maxPointsPerCentroid, seed)) mask[number] = 1
    const { from, to } = keepBlock(mask, assigner.batch, shard)
    let done = 0
    const watched = async function* () {
      for await (const batch of points.batches(assigner.batch, mask)) {
        callbacks.signal.throwIfAborted()
        callbacks.progress(done, to - from, 'points')
        yield batch
        done += batch.length / points.width
      }
    }
    const { sums, sizes, objective } = await assigner.assign(watched(), centroids)
    await writeNpz(sumsPath(folder, centroids, shard.shard), {
      sums: { data: sums, shape: [k, points.width] },
      sizes: { data: sizes },
      objective: { data: Float64Array.of(objective) },
    })
  })
}

/** Leaves only the marks of this shard's block of the marked points; returns the block. */
function keepBlock(mask: Uint8Array, batch: number, shard: Shard) {
  const marked = mask.reduce((sum, mark) => sum + mark, 0)
  const block = blockOf(marked, batch, shard)
  let rank = 0
  for (let i = 0; i < mask.length; i++)
    if (mask[i] === 1) {
      if (rank < block.from || rank >= block.to) mask[i] = 0
      rank++
    }
  return block
}

/** A pass whose sums are not there yet. */
class PassAhead extends Error {}

/**
 * Trains with the sums that there are.
 * @returns undefined if another pass is to be made first, else the result
 */
export async function reduceShards(
  spec: KMeansSpec,
  shards: number,
  folder: string,
  callbacks: RunCallbacks,
): Promise<RunResult | undefined> {
  await makeFolder(folder)
  await joinUnreadable(
    spec.out,
    Array.from({ length: shards }, (_, shard) => suffixOf(shard)),
  )
  const assign = async (centroids: Float32Array): Promise<Assignment> => {
    const names = new Set(await readdir(folder))
    const there = Array.from({ length: shards }, (_, shard) => sumsName(centroids, shard)).map((name) =>
      names.has(name),
    )
    if (there.every(Boolean)) return joinedSums(folder, centroids, shards)
    if (there.some(Boolean))
      throw new RequestError(`${join(folder, sumsName(centroids, there.indexOf(false)))}: missing`)
    await writeFileAtomic(
      join(folder, CENTROIDS),
      encodeNpy({ data: centroids, shape: [spec.k, centroids.length / spec.k] }),
    )
    // Sums of passes before: the training that they led to is on disk.
    for (const name of names) if (name.endsWith('.npz')) await rm(join(folder, name), { force: true })
    throw new PassAhead()
  }
  try {
    return await runKMeans(spec, callbacks, assign)
  } catch (error) {
    if (error instanceof PassAhead) return undefined
    throw error
  }
}

const sumsName = (centroids: Float32Array, shard: number): string => {
  const bytes = new Uint8Array(centroids.buffer, centroids.byteOffset, centroids.byteLength)
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  return `${hash}-${String(shard).padStart(4, '0')}.npz`
}
const sumsPath = (folder: string, centroids: Float32Array, shard: number) =>
  join(folder, sumsName(centroids, shard))

/** Added in the order of the shards. */
async function joinedSums(folder: string, centroids: Float32Array, shards: number): Promise<Assignment> {
  const sums = new Float64Array(centroids.length)
  let sizes = new Float64Array()
  let objective = 0
  for (let shard = 0; shard < shards; shard++) {
    const source = await openFile(sumsPath(folder, centroids, shard))
    try {
      const arrays = await readNpz(source)
      const data = (name: string) => arrays.get(name)!.data as Float64Array
      const part = data('sums')
      for (let i = 0; i < sums.length; i++) sums[i]! += part[i]!
      const counts = data('sizes')
      if (shard === 0) sizes = new Float64Array(counts.length)
      for (let i = 0; i < sizes.length; i++) sizes[i]! += counts[i]!
      objective += data('objective')[0]!
    } finally {
      await source.close()
    }
  }
  return { sums, sizes, objective }
}

async function readCentroids(path: string): Promise<Float32Array> {
  const source = await openFile(path)
  try {
    return (await readNpy(source)).data as Float32Array
  } finally {
    await source.close()
  }
}
