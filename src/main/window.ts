// The window: sandboxed, without Node, and unable to navigate away from its page.
import { BrowserWindow, type BrowserWindowConstructorOptions } from 'electron'
import { PAGE_ORIGIN } from '../shared/contract/desktop.ts'

export interface WindowFiles {
  /** Path of the built preload. */
  readonly preload: string
  /** Path of an icon, if the system does not take it from the installed application. */
  readonly icon?: string
}

const OPTIONS: BrowserWindowConstructorOptions = {
  width: 1440,
  height: 900,
  minWidth: 800,
  minHeight: 600,
  show: false,
  backgroundColor: '#111418',
  title: 'DiGIT Workbench',
}

/** A page that is not ready by then is shown anyway, because an invisible window cannot be closed. */
const SHOWN_ANYHOW_MS = 5000

/** `failed` is called when the page cannot be loaded. */
export function openWindow({ preload, icon }: WindowFiles, failed: (problem: Error) => void): BrowserWindow {
  const window = new BrowserWindow({
    ...OPTIONS,
    ...(icon === undefined ? {} : { icon }),
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
  const anyhow = setTimeout(() => window.isDestroyed() || window.show(), SHOWN_ANYHOW_MS)
  window.once('ready-to-show', () => {
    clearTimeout(anyhow)
    window.show()
  })
  window.once('closed', () => clearTimeout(anyhow))
  const { webContents } = window
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  webContents.on('will-navigate', (event) => event.preventDefault())
  webContents.on('will-redirect', (event) => event.preventDefault())
  webContents.on('will-attach-webview', (event) => event.preventDefault())
  webContents.on('did-fail-load', (_event, code, description, url, isMainFrame) => {
    // A load that was replaced by another one, for example by two reloads in a row.
    if (isMainFrame && code !== ERR_ABORTED) failed(new Error(`${url}: ${description} (${code})`))
  })
  webContents.on('preload-error', (_event, path, { message }) => failed(new Error(`${path}: ${message}`)))
  // Reported above, with its address.
  window.loadURL(`${PAGE_ORIGIN}/index.html`).catch(() => {})
  return window
}

/** Chromium's net error -3. */
const ERR_ABORTED = -3
