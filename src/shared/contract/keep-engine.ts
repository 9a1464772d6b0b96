// An engine process that any host restarts after a crash. Models that were being opened or run at two crashes are not
// opened again unless the user asks for it; models that were only open are not suspected.
import type { EngineProblem } from './api.ts'

/** Start options of an engine process. */
export interface EngineStart {
  readonly workspace?: string
  /** Empty: the bundled demo. Models opened since the host last requested these are open again. */
  readonly models: readonly string[]
  /** Added to the image sets: folders of images, ADM batches, statistics. */
  readonly images?: readonly string[]
  /** Resumes what `leaveWork` noted, as soon as the models are open. */
  readonly resumesWork?: boolean
  /** Why the models are not opened automatically. */
  readonly held?: string
  /** Why the previous process ended. */
  readonly stopped?: EngineProblem
}

/** Messages of an engine to its host. */
export interface HostEvents {
  /** Its code is loaded. */
  loaded(): void
  /** Called when models come into use and when they are no longer in use. */
  modelsInUse(inUse: boolean): void
}

export interface EngineProcess {
  /** Called once, with the reason: `signal SIGKILL`, `exit code 1`. */
  onExit(listener: (how: string) => void): void
  /** Whether it was opening or running models at its last message; true before the first message. */
  usesModels(): boolean
  kill(): void
}

export interface EngineKeeper<P extends EngineProcess> {
  /** Undefined between two processes. */
  current(): P | undefined
  /** Called when the host opens other models: crashes with the previous ones no longer count. */
  modelsOpened(): void
  stop(): void
}

/** Crashes longer ago than this are unrelated. */
const MEMORY_MS = 10 * 60_000
const FIRST_DELAY_MS = 200
const LONGEST_DELAY_MS = 30_000
/** Number of crashes with the same models after which these are not opened. */
const ENOUGH_CRASHES = 2

export interface Crash {
  readonly time: number
  /** True if models were being opened or run. */
  readonly usedModels: boolean
}

/** Past crashes including the latest -> whether models are opened automatically, and the delay. */
export function afterCrash(crashes: readonly Crash[], now: number) {
  const recent = crashes.filter(({ time }) => now - time < MEMORY_MS)
  return {
    opensModels: recent.filter(({ usedModels }) => usedModels).length < ENOUGH_CRASHES,
    delay: Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, recent.length - 1)),
  }
}

export function keepEngine<P extends EngineProcess>(
  first: EngineStart,
  start: (options: EngineStart) => P,
  now: () => number = Date.now,
): EngineKeeper<P> {
  let crashes: Crash[] = []
  let current: P | undefined
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const begin = (options: EngineStart) => {
    const engine = start(options)
    current = engine
    engine.onExit((how) => {
      current = undefined
      if (stopped) return
      crashes.push({ time: now(), usedModels: engine.usesModels() })
      const { opensModels, delay } = afterCrash(crashes, now())
      const message =
        `the engine stopped unexpectedly (${how}) and was restarted; ` +
        (opensModels
          ? 'finished work is kept'
          : 'its models were not reopened because this has happened before')
      const held = opensModels ? {} : { held: message }
      timer = setTimeout(() => begin({ ...first, ...held, stopped: { message, opensModels } }), delay)
    })
  }
  begin(first)
  return {
    current: () => current,
    modelsOpened() {
      crashes = []
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      current?.kill()
    },
  }
}
