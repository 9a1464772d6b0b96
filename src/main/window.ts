// The window: sandboxed, without Node, and unable to go anywhere but its own page.
import { BrowserWindow, type BrowserWindowConstructorOptions } from 'electron'
import { PAGE_ORIGIN } from '../shared/contract/desktop.ts'

const OPTIONS: BrowserWindowConstructorOptions = {
  width: 1440,
  height: 900,
  minWidth: 800,
  minHeight: 600,
  show: false,
  backgroundColor: '#111418',
  title: 'DiGIT Workbench',
}

/** `preload` is the path of the built preload. */
export function openWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    ...OPTIONS,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  const { webContents } = window
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  webContents.on('will-navigate', (event) => event.preventDefault())
  webContents.on('will-redirect', (event) => event.preventDefault())
  webContents.on('will-attach-webview', (event) => event.preventDefault())
  void window.loadURL(`${PAGE_ORIGIN}/index.html`)
  return window
}
