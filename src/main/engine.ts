// The engine as a utility process that is started again when it dies, and the ports that join pages to it.
import { MessageChannelMain, utilityProcess, type UtilityProcess, type WebContents } from 'electron'
import type { EngineEvents } from '../shared/contract/api.ts'
import type { RemoteHostApi } from '../shared/contract/calls.ts'
import { PORT_CHANNEL, type FilePurpose } from '../shared/contract/desktop.ts'
import { keepEngine, type EngineProcess, type EngineStart } from '../shared/contract/keep-engine.ts'
import type { ExportHostApi } from '../shared/run/exports.ts'
import { connect } from '../shared/rpc/client.ts'
import { multiplex } from '../shared/rpc/multiplex.ts'

export interface DesktopEngine {
  /** Sends the page a port to the engine, as soon as there is one. */
  joinPage(page: WebContents): void
  /** Opens models beside what is open, or adds images to what can be measured. */
  add(purpose: FilePurpose, paths: readonly string[]): Promise<void>
  readonly copyExport: ExportHostApi['copyExport']
  readonly exportPath: ExportHostApi['exportPath']
  stop(): void
}

interface UtilityEngine extends EngineProcess {
  readonly child: UtilityProcess
  readonly host: RemoteHostApi
}

/** `module` is the path of the built engine process. */
export function startEngine(module: string, first: EngineStart): DesktopEngine {
  const waiting = new Set<WebContents>()
  let ready: UtilityEngine | undefined

  const start = (options: EngineStart): UtilityEngine => {
    const child = utilityProcess.fork(module, [JSON.stringify(options)], { serviceName: 'DiGIT engine' })
    const engine = { child, host: hostLine(child), onExit: onExit(child), kill: () => void child.kill() }
    child.once('exit', () => {
      if (ready === engine) ready = undefined
    })
    child.once('spawn', () => {
      ready = engine
      for (const page of waiting) join(page, child)
      waiting.clear()
    })
    return engine
  }
  const keeper = keepEngine(first, start)
  const host = () => {
    if (!ready) throw new Error('the engine is being started again; try again in a moment')
    return ready.host
  }
  return {
    copyExport: async (...asked) => host().copyExport(...asked),
    exportPath: async (target) => host().exportPath(target),
    joinPage(page) {
      if (ready) join(page, ready.child)
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

function join(page: WebContents, child: UtilityProcess): void {
  if (page.isDestroyed()) return
  const { port1, port2 } = new MessageChannelMain()
  child.postMessage({}, [port1])
  page.postMessage(PORT_CHANNEL, null, [port2])
}

/** The first line is the host's own. */
function hostLine(child: UtilityProcess): RemoteHostApi {
  const openLine = multiplex({
    post: (data) => child.postMessage(data),
    on(heard, closed) {
      child.on('message', heard)
      child.once('exit', closed)
    },
  })
  return connect<RemoteHostApi, EngineEvents>(openLine(), { event: () => {}, closed: () => {} })
}

const onExit =
  (child: UtilityProcess): EngineProcess['onExit'] =>
  (listener) =>
    void child.once('exit', (code) => listener(`exit code ${code}`))
