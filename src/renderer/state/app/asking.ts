// What the engine is asked for when it is first looked at, and then kept: a value, a problem, or on its way.
import { shallowReactive } from 'vue'

export type Asked<T> = { readonly value: T } | { readonly problem: string } | undefined

export const valueOf = <T>(asked: Asked<T>): T | undefined =>
  asked && 'value' in asked ? asked.value : undefined
export const problemOf = (asked: Asked<unknown>): string | undefined =>
  asked && 'problem' in asked ? asked.problem : undefined

/** Keeps what `read` answers, the oldest `kept` at most; undefined while it is on its way. */
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
    /** Forgets what keys begin with, or what failed. */
    forget(start: string) {
      for (const key of found.keys()) if (key.startsWith(start)) forget(key)
    },
    retry() {
      for (const [key, value] of found) if (value && 'problem' in value) found.delete(key)
    },
    /** Takes a newer value of something that was asked for. */
    put(key: string, change: (value: T) => T) {
      const known = found.get(key)
      if (known && 'value' in known) found.set(key, { value: change(known.value) })
      // The answer on its way may be from before this: what is asked now is not.
      else if (found.has(key)) void fetch(key)
    },
    /** Asks for everything again; what is known stays until the answer is there. */
    again() {
      for (const key of found.keys()) void fetch(key)
    },
  }
}
