// Short questions go before the next chunk of a run: each file they read would else wait for a chunk of its own.

export interface Precedence {
  /** Lets a call go first. */
  first<A extends unknown[], R>(call: (...args: A) => Promise<R>): (...args: A) => Promise<R>
  /** Resolves when no question is open, or after a while: a page that never stops asking must not stop a run. */
  turn(): Promise<void>
}

/** What a run gives way for between two chunks. */
const LONGEST_MS = 500

export function precedence(longest = LONGEST_MS): Precedence {
  let open = 0
  let waiting: (() => void)[] = []
  const answered = () => {
    if (--open > 0) return
    waiting.forEach((go) => go())
    waiting = []
  }
  return {
    first:
      (call) =>
      async (...args) => {
        open++
        try {
          return await call(...args)
        } finally {
          answered()
        }
      },
    async turn() {
      // Questions that have come meanwhile are only heard of now.
      await new Promise((resolve) => setImmediate(resolve))
      if (open === 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longest)
        waiting.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    },
  }
}
