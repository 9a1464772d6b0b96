// The page's only door to the shell: it asks for a port to the engine and for the system's dialogs.
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type * as desktop from '../shared/contract/desktop.ts'

declare const window: {
  readonly location: { readonly origin: string }
  postMessage(message: unknown, origin: string, transfer: unknown[]): void
}

// A preload is one small script: of the shared words it takes the types, which hold these to their values.
const PORT_CHANNEL: typeof desktop.PORT_CHANNEL = 'digit:port'
const CHOOSE_CHANNEL: typeof desktop.CHOOSE_CHANNEL = 'digit:choose'
const DROP_CHANNEL: typeof desktop.DROP_CHANNEL = 'digit:drop'
const SAVE_EXPORT_CHANNEL: typeof desktop.SAVE_EXPORT_CHANNEL = 'digit:save-export'
const SHOW_EXPORT_CHANNEL: typeof desktop.SHOW_EXPORT_CHANNEL = 'digit:show-export'
const PORT_MESSAGE: typeof desktop.PORT_MESSAGE = 'digit-engine'

const bridge: desktop.DesktopBridge = {
  requestPort: () => ipcRenderer.send(PORT_CHANNEL),
  choose: (purpose, what) => ipcRenderer.invoke(CHOOSE_CHANNEL, purpose, what) as Promise<boolean>,
  // Only a file that a person dropped or chose has a path; one that a script made has none.
  drop: (purpose, files) =>
    ipcRenderer.invoke(
      DROP_CHANNEL,
      purpose,
      files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== ''),
    ) as Promise<void>,
  saveExport: (target) => ipcRenderer.invoke(SAVE_EXPORT_CHANNEL, target) as Promise<boolean>,
  showExport: (target) => ipcRenderer.invoke(SHOW_EXPORT_CHANNEL, target) as Promise<void>,
}

// A port cannot pass through the bridge; it goes to the page as a message of its own window.
ipcRenderer.on(PORT_CHANNEL, ({ ports }) =>
  window.postMessage(PORT_MESSAGE, window.location.origin, [...ports]),
)
contextBridge.exposeInMainWorld('digit', bridge)
