// The nearest entries stored in an atlas -> a UMAP layout of its codebook, stored with them.
import { Worker } from 'node:worker_threads'
import { join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import { umapPlane } from '../../tokens/codebook-map.ts'
import { arrayPath, isThere, readArray, readAtlasRecord, writeArray } from './atlas-files.ts'
import { releaseLock, takeLock } from '../../records/folder-lock.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'

/** How UMAP is computed: in this process between other work, or in a thread. */
export type LayOut = typeof umapPlane

/** UMAP needs a few more entries than neighbours. */
export const UMAP_LEAST = 8

/**
 * Adds UMAP to a finished atlas, unless present. Throws RequestError if there is no atlas or it is too small.
 */
export async function addUmap(
  folder: string,
  seed: number,
  callbacks: Pick<RunCallbacks, 'progress' | 'signal'>,
  layOut: LayOut = umapPlane,
): Promise<void> {
  const info = (await readAtlasRecord(folder))?.info
  if (!info) throw new RequestError(`${folder}: no finished atlas`)
  if (info.entries < UMAP_LEAST)
    throw new RequestError(`UMAP needs a codebook with at least ${UMAP_LEAST} entries, got ${info.entries}`)
  const lock = join(folder, '.lock')
  await takeLock(lock)
  try {
    if (await isThere(arrayPath(folder, 'umap'))) return
    const data = await umapOf(folder, info.entries, seed, callbacks, layOut)
    await writeArray(folder, 'umap', { data, shape: [info.entries, 2] })
  } finally {
    await releaseLock(lock)
  }
}

/** [K, 2]. The nearest entries of the atlas must be there. */
export async function umapOf(
  folder: string,
  K: number,
  seed: number,
  { progress, signal }: Pick<RunCallbacks, 'progress' | 'signal'>,
  layOut: LayOut = umapPlane,
): Promise<Float32Array> {
  const nearest = await readArray(folder, 'nearest-l2', Int32Array)
  const squared = await readArray(folder, 'nearest-l2-distances', Float32Array)
  progress(0, 1, 'UMAP')
  return layOut(K, nearest, squared.map(Math.sqrt), {
    seed,
    signal,
    onEpoch: (epoch, of) => progress(epoch, of, 'UMAP'),
  })
}

/** Input of a UMAP thread. It posts progress and the result. */
export interface UmapTask {
  readonly K: number
  readonly neighbours: Int32Array
  readonly distances: Float32Array
  readonly seed: number
}
export type UmapNews = { readonly epoch: number; readonly of: number } | { readonly plane: Float32Array }

/** UMAP in a thread of its own, so that the process keeps answering pages. `worker` is the file of the thread. */
export const layOutApart =
  (worker: URL): LayOut =>
  (K, neighbours, distances, { seed, signal, onEpoch }) =>
    new Promise((resolve, reject) => {
      const task: UmapTask = { K, neighbours, distances, seed }
      const thread = new Worker(worker, { workerData: task })
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', stop)
        void thread.terminate()
        settle()
      }
      const stop = () => end(() => reject(signal.reason as Error))
      signal.addEventListener('abort', stop)
      if (signal.aborted) stop()
      thread.on('error', (error) => end(() => reject(error)))
      thread.on('exit', (code) => reject(new Error(`the UMAP worker exited with code ${code}`)))
      thread.on('message', (news: UmapNews) =>
        'plane' in news ? end(() => resolve(news.plane)) : onEpoch(news.epoch, news.of),
      )
    })
