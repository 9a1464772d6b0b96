// Tracks whether this process is opening or running models, so that its host can tell the cause of a crash.

let atWork = 0
const listeners = new Set<(inUse: boolean) => void>()
const tell = () => listeners.forEach((listener) => listener(atWork > 0))

/** Marks models as in use until `work` has ended. */
export async function usingModels<T>(work: () => Promise<T>): Promise<T> {
  if (++atWork === 1) tell()
  try {
    return await work()
  } finally {
    if (--atWork === 0) tell()
  }
}

/**
 * Called now and at every change. The end of use is reported only after `restMs` without use, because a run has
 * thousands of steps.
 */
export function onModelsInUse(listener: (inUse: boolean) => void, restMs: number): void {
  let told: boolean | undefined
  let rest: ReturnType<typeof setTimeout> | undefined
  const say = (inUse: boolean) => {
    if (told !== inUse) listener(inUse)
    told = inUse
  }
  const hear = (inUse: boolean) => {
    clearTimeout(rest)
    if (inUse) say(true)
    else rest = setTimeout(() => say(false), restMs)
  }
  listeners.add(hear)
  hear(atWork > 0)
}
