// A page without a window: it gets a port to an engine of the shell, and connects over it.
import type { MessagePort } from 'node:worker_threads'
import type { EngineApi, EngineEvents } from '../../src/shared/contract/api.ts'
import { connect } from '../../src/shared/rpc/client.ts'
import { portChannel } from '../../src/shared/rpc/port-channel.ts'
import type { DesktopEngine } from '../../src/main/engine.ts'
import { BrowserWindow } from './electron.ts'

export interface ReachedEngine {
  readonly api: EngineApi
  /** Events in their order: the name, then what it carries. */
  readonly told: (readonly [name: string, ...args: unknown[]])[]
}

export function reachEngine(engine: DesktopEngine): Promise<ReachedEngine> {
  const { webContents } = new BrowserWindow({ webPreferences: {} })
  return new Promise((found) => {
    webContents.posted.once('digit:port', ({ ports: [port] }: { ports: MessagePort[] }) => {
      const told: ReachedEngine['told'] = []
      const api = connect<EngineApi, EngineEvents>(portChannel(port as never), {
        event: (...event) => void told.push(event),
        closed: () => {},
      })
      found({ api, told })
    })
    engine.joinPage(webContents as never)
  })
}
