// The engine of the window: restarts after crashes, a log of its output, and ports for pages.
import { MessageChannelMain, type WebContents } from 'electron'
import type { RemoteHostApi } from '../shared/contract/calls.ts'
import {
  ENGINE_TROUBLE_CHANNEL,
  PORT_CHANNEL,
  type EngineTrouble,
  type FilePurpose,
} from '../shared/contract/desktop.ts'
import { keepEngine, type EngineStart } from '../shared/contract/keep-engine.ts'
import type { ExportHostApi } from '../shared/run/exports.ts'
import { causeIn, type EngineLog } from './engine-log.ts'
import type { BeginEngine, HostedEngine } from './hosted-engine.ts'

export interface DesktopEngine {
  /** Sends the page a port to the engine as soon as it runs, and the reason if it cannot start. */
  joinPage(page: WebContents): void
  /** Opens additional models, or adds images for evaluation. */
  add(purpose: FilePurpose, paths: readonly string[]): Promise<void>
  readonly copyExport: ExportHostApi['copyExport']
  readonly exportPath: ExportHostApi['exportPath']
  /** The engine's calls; undefined between two engines. */
  host(): RemoteHostApi | undefined
  stop(): void
}

export interface EngineWatch {
  readonly log: EngineLog
  /** Called once when several engines in a row end before their first message. */
  cannotStart(trouble: EngineTrouble): void
}

/** The last output of a process may arrive after its end. */
const LAST_WORDS_MS = 100
/** Engines in a row that ended before any message, after which the user is notified. */
const TELL_AFTER = 2

export function startEngine(
  begin: BeginEngine,
  first: EngineStart,
  { log, cannotStart }: EngineWatch,
): DesktopEngine {
  const waiting = new Set<WebContents>()
  const pages = new Set<WebContents>()
  let ready: HostedEngine | undefined
  let silentDeaths = 0
  let trouble: EngineTrouble | undefined

  const tellTrouble = (now: EngineTrouble | undefined) => {
    trouble = now
    for (const page of pages) tell(page, now)
  }
  const died = (how: string): string => {
    const lines = log.lastLines()
    const cause = causeIn(lines)
    const message = cause === undefined ? how : `${how}: ${cause}`
    silentDeaths++
    tellTrouble({ message, lines, log: log.path })
    if (silentDeaths === TELL_AFTER) cannotStart(trouble!)
    return message
  }
  const start = (options: EngineStart): HostedEngine => {
    log.begin()
    const engine = begin(options)
    let isLoaded = false
    engine.onOutput(log.add)
    engine.onLoaded(() => {
      isLoaded = true
      silentDeaths = 0
      if (trouble) tellTrouble(undefined)
    })
    engine.onStart(() => {
      ready = engine
      for (const page of waiting) join(page, engine)
      waiting.clear()
    })
    return {
      ...engine,
      onExit: (listener) =>
        engine.onExit((how) => {
          if (ready === engine) ready = undefined
          setTimeout(() => listener(isLoaded ? how : died(how)), LAST_WORDS_MS)
        }),
    }
  }
  const keeper = keepEngine(first, start)
  const host = () => {
    if (!ready) throw new Error('the engine is restarting; try again in a moment')
    return ready.host
  }
  return {
    copyExport: async (...asked) => host().copyExport(...asked),
    exportPath: async (target) => host().exportPath(target),
    host: () => ready?.host,
    joinPage(page) {
      pages.add(page)
      if (trouble) tell(page, trouble)
      if (ready) join(page, ready)
      else waiting.add(page)
    },
    async add(purpose, paths) {
      const { addImages, addModels } = host()
      if (purpose === 'images') return addImages(paths)
      keeper.modelsOpened()
      await addModels(paths)
    },
    stop: keeper.stop,
  }
}

function join(page: WebContents, engine: HostedEngine): void {
  if (page.isDestroyed()) return
  const { port1, port2 } = new MessageChannelMain()
  engine.joinPort(port1)
  page.postMessage(PORT_CHANNEL, null, [port2])
}

function tell(page: WebContents, trouble: EngineTrouble | undefined): void {
  if (!page.isDestroyed()) page.postMessage(ENGINE_TROUBLE_CHANNEL, trouble ?? null)
}
