// The page's bridge to the shell: requests a port to the engine and opens system dialogs.
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type * as desktop from '../shared/contract/desktop.ts'

declare const window: {
  readonly location: { readonly origin: string }
  postMessage(message: unknown, origin: string, transfer: unknown[]): void
}

// A preload must be one small script: it imports only types, which check these values.
const PORT_CHANNEL: typeof desktop.PORT_CHANNEL = 'digit:port'
const ENGINE_TROUBLE_CHANNEL: typeof desktop.ENGINE_TROUBLE_CHANNEL = 'digit:engine-trouble'
const CHOOSE_CHANNEL: typeof desktop.CHOOSE_CHANNEL = 'digit:choose'
const DROP_CHANNEL: typeof desktop.DROP_CHANNEL = 'digit:drop'
const SAVE_EXPORT_CHANNEL: typeof desktop.SAVE_EXPORT_CHANNEL = 'digit:save-export'
const SHOW_EXPORT_CHANNEL: typeof desktop.SHOW_EXPORT_CHANNEL = 'digit:show-export'
const PORT_MESSAGE: typeof desktop.PORT_MESSAGE = 'digit-engine'

/** An error keeps its own words: one that the shell throws arrives with Electron's before them. */
async function ask<T>(channel: string, ...args: readonly unknown[]): Promise<T> {
  const answer = (await ipcRenderer.invoke(channel, ...args)) as desktop.ShellAnswer<T>
  if ('error' in answer) throw new Error(answer.error)
  return answer.value
}

const bridge: desktop.DesktopBridge = {
  requestPort: () => ipcRenderer.send(PORT_CHANNEL),
  onEngineTrouble: (listener) =>
    void ipcRenderer.on(ENGINE_TROUBLE_CHANNEL, (_event, trouble: desktop.EngineTrouble | null) =>
      listener(trouble ?? undefined),
    ),
  choose: (purpose, what) => ask(CHOOSE_CHANNEL, purpose, what),
  // Only files that a user dropped or chose have a path; files created by a script have none.
  drop: (purpose, files) =>
    ask(
      DROP_CHANNEL,
      purpose,
      files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== ''),
    ),
  saveExport: (target) => ask(SAVE_EXPORT_CHANNEL, target),
  showExport: (target) => ask(SHOW_EXPORT_CHANNEL, target),
}

// A port cannot pass through the bridge; it is posted to the page as a window message.
ipcRenderer.on(PORT_CHANNEL, ({ ports }) =>
  window.postMessage(PORT_MESSAGE, window.location.origin, [...ports]),
)
contextBridge.exposeInMainWorld('digit', bridge)
