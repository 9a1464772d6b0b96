// Source pictures of reconstructions, as object URLs.
import { shallowReactive } from 'vue'
import { calls } from '../app/calls.ts'
import type { Picture } from './pictures.ts'

/** A run has sixteen at most. */
const KEPT = 64
const sources = shallowReactive(new Map<string, Picture>())

/** The source picture of an image, fetched if needed; undefined while loading. */
export function sourceOf(run: string, image: number): Picture {
  const key = `${run}/${image}`
  if (!sources.has(key)) {
    sources.set(key, undefined)
    queueMicrotask(() => void fetchSource(key, run, image))
  }
  return sources.get(key)
}

/** After a reconnect: requests that failed may have failed with the old connection. */
export function retrySources(): void {
  for (const [key, source] of sources) if (source && 'problem' in source) sources.delete(key)
}

async function fetchSource(key: string, run: string, image: number): Promise<void> {
  try {
    const png = await calls().readSource(run, image)
    sources.set(key, { url: URL.createObjectURL(new Blob([Uint8Array.from(png)], { type: 'image/png' })) })
  } catch (error) {
    sources.set(key, { problem: error instanceof Error ? error.message : String(error) })
  }
  for (const [old, source] of sources) {
    if (sources.size <= KEPT) return
    if (source && 'url' in source) URL.revokeObjectURL(source.url)
    sources.delete(old)
  }
}
