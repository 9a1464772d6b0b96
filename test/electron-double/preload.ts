// The built preload, run as a sandboxed one is: with `electron` and nothing else; and the page's end of it.
import { readFileSync } from 'node:fs'
import type { MessagePort } from 'node:worker_threads'
import type { EngineApi, EngineEvents } from '../../src/shared/contract/api.ts'
import type { DesktopBridge } from '../../src/shared/contract/desktop.ts'
import { connect } from '../../src/shared/rpc/client.ts'
import { portChannel } from '../../src/shared/rpc/port-channel.ts'
import { ipcMain, webUtils, type BrowserWindow } from './electron.ts'

export interface DesktopPage {
  readonly digit: DesktopBridge
  /** Names that the preload has put on the window. */
  readonly exposed: readonly string[]
  /** Asks for a port to the engine. */
  port(): Promise<MessagePort>
  /** Asks for a port and connects over it. */
  reach(): Promise<{ api: EngineApi; events: string[]; closed: Promise<void> }>
}

type Bridged = (...args: unknown[]) => unknown

/** A function behind the context bridge: of an error only the message passes. */
const bridged =
  (work: Bridged): Bridged =>
  (...args) => {
    const passed = (error: unknown) => {
      throw new Error(error instanceof Error ? error.message : String(error))
    }
    try {
      const answer = work(...args)
      return answer instanceof Promise ? answer.catch(passed) : answer
    } catch (error) {
      return passed(error)
    }
  }

export function runPreload(path: string, { webContents }: BrowserWindow): DesktopPage {
  const exposed: Record<string, unknown> = {}
  let arrived = (_port: MessagePort) => {}
  const window = {
    location: { origin: 'app://workbench' },
    postMessage(message: unknown, origin: string, [port]: MessagePort[]) {
      if (message !== 'digit-engine' || origin !== 'app://workbench') throw new Error('not for this page')
      arrived(port!)
    },
  }
  const event = { sender: webContents, senderFrame: webContents.mainFrame }
  const electron = {
    webUtils,
    contextBridge: {
      exposeInMainWorld: (name: string, value: Record<string, Bridged>) =>
        (exposed[name] = Object.fromEntries(Object.entries(value).map(([key, f]) => [key, bridged(f)]))),
    },
    ipcRenderer: {
      on: (channel: string, listener: () => void) => webContents.posted.on(channel, listener),
      send: (channel: string) => ipcMain.emit(channel, event),
      // lib/renderer/api/ipc-renderer.ts: what a handler throws arrives as text, with these words before it.
      async invoke(channel: string, ...args: never[]) {
        try {
          return structuredClone(
            await ipcMain.handlers.get(channel)!(event as never, ...structuredClone(args)),
          )
        } catch (error) {
          throw new Error(`Error invoking remote method '${channel}': ${String(error)}`, { cause: error })
        }
      },
    },
  }
  const require = (name: string) => {
    if (name === 'electron') return electron
    throw new Error(`a sandboxed preload cannot load ${name}`)
  }
  new Function('require', 'exports', 'module', 'window', readFileSync(path, 'utf8'))(require, {}, {}, window)
  const digit = exposed.digit as DesktopBridge
  const port = () =>
    new Promise<MessagePort>((resolve) => {
      arrived = resolve
      digit.requestPort()
    })
  return {
    digit,
    exposed: Object.keys(exposed),
    port,
    async reach() {
      const events: string[] = []
      let close = () => {}
      const closed = new Promise<void>((resolve) => (close = resolve))
      const api = connect<EngineApi, EngineEvents>(portChannel((await port()) as never), {
        event: (...event) => void events.push(event[0]),
        closed: () => close(),
      })
      return { api, events, closed }
    },
  }
}
