// Records of images: both grids, the sampling record of each token, and the recipe.
import { shallowReactive } from 'vue'
import type { ImageDetails } from '../../../shared/contract/api.ts'
import { calls } from '../app/calls.ts'

export type ImageRecord = { readonly details: ImageDetails } | { readonly problem: string } | undefined

const KEPT = 200
const records = shallowReactive(new Map<string, ImageRecord>())

/** The record of an image, requested if needed; undefined while loading. */
export function recordOf(run: string, image: number): ImageRecord {
  const key = `${run}/${image}`
  if (!records.has(key)) {
    records.set(key, undefined)
    queueMicrotask(() => void read(key, run, image))
  }
  return records.get(key)
}

/** After a reconnect: requests that failed may have failed with the old connection. */
export function retryRecords(): void {
  for (const [key, record] of records) if (record && 'problem' in record) records.delete(key)
}

async function read(key: string, run: string, image: number): Promise<void> {
  try {
    records.set(key, { details: Object.freeze(await calls().readRecord(run, image)) })
  } catch (error) {
    records.set(key, { problem: error instanceof Error ? error.message : String(error) })
  }
  for (const old of records.keys()) {
    if (records.size <= KEPT) return
    records.delete(old)
  }
}
