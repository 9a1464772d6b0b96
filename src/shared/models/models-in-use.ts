// Whether this process opens or runs models at the moment, so that its host knows what a crash may be due to.

let atWork = 0
const listeners = new Set<(inUse: boolean) => void>()
const tell = () => listeners.forEach((listener) => listener(atWork > 0))

/** Marks the time until `work` has ended. */
export async function usingModels<T>(work: () => Promise<T>): Promise<T> {
  if (++atWork === 1) tell()
  try {
    return await work()
  } finally {
    if (--atWork === 0) tell()
  }
}

/** Told now and at every change; an end only if nothing starts within `restMs`, for a run is thousands of steps. */
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
