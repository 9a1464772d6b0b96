// A cache of engine requests, made on first use: each entry is a value, a problem, or pending.
import { shallowReactive } from 'vue'

export type Asked<T> = { readonly value: T } | { readonly problem: string } | undefined

export const valueOf = <T>(asked: Asked<T>): T | undefined =>
  asked && 'value' in asked ? asked.value : undefined
export const problemOf = (asked: Asked<unknown>): string | undefined =>
  asked && 'problem' in asked ? asked.problem : undefined

/** Caches the results of `read`, at most the latest `kept`; undefined while pending. */
export function asking<T>(
  kept: number,
  read: (key: string) => Promise<T>,
  drop: (value: T) => void = () => {},
) {
  const found = shallowReactive(new Map<string, Asked<T>>())
  const forget = (key: string) => {
    const old = found.get(key)
    if (old && 'value' in old) drop(old.value)
    found.delete(key)
  }
  const fetch = async (key: string) => {
    try {
      found.set(key, { value: await read(key) })
    } catch (error) {
      found.set(key, { problem: error instanceof Error ? error.message : String(error) })
    }
    for (const old of found.keys()) if (found.size > kept) forget(old)
  }
  return {
    of(key: string): Asked<T> {
      if (!found.has(key)) {
        found.set(key, undefined)
        queueMicrotask(() => void fetch(key))
      }
      return found.get(key)
    },
    /** Drops entries by key prefix, or failed ones. */
    forget(start: string) {
      for (const key of found.keys()) if (key.startsWith(start)) forget(key)
    },
    retry() {
      for (const [key, value] of found) if (value && 'problem' in value) found.delete(key)
    },
    /** Replaces a cached value with a newer one. */
    put(key: string, change: (value: T) => T) {
      const known = found.get(key)
      if (known && 'value' in known) found.set(key, { value: change(known.value) })
      // A pending answer may predate this, so request again.
      else if (found.has(key)) void fetch(key)
    },
    /** Requests everything again; known values are kept until the answers arrive. */
    again() {
      for (const key of found.keys()) void fetch(key)
    },
  }
}
