// As much of Electron as the shell uses, for machines that cannot have its binary: it notes what is asked of it, and
// behaves as Electron's sources say where that breaks programs (test/electron-double/README.md).
// Utility processes are threads and ports are Node's, so that the real engine answers behind them.
import { EventEmitter } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'

type Listener = (...args: never[]) => unknown

export const seen = {
  sandboxed: false,
  schemes: [] as { scheme: string; privileges: Record<string, boolean> }[],
  protocols: new Map<string, (request: { url: string; method: string }) => Promise<Response>>(),
  permissions: {} as Record<string, Listener>,
  windows: [] as BrowserWindow[],
  menu: undefined as unknown,
  engines: [] as UtilityDouble[],
  /** What the open dialog answers. */
  chosen: [] as string[],
  /** What message boxes said, and the button that is pressed in them. */
  asked: [] as string[],
  details: [] as string[],
  pressed: 0,
  /** What error boxes said. */
  errors: [] as string[],
  /** How the application ended; undefined while it runs. */
  exitCode: undefined as number | undefined,
  /** What a second start would tell the first, as it was told to Electron. */
  lockData: undefined as unknown,
  /** Paths that the file manager was to show. */
  shown: [] as string[],
}

const folder = mkdtempSync(join(tmpdir(), 'digit-electron-double-'))
const appPaths: Record<string, string> = { appData: folder, logs: join(folder, 'logs') }

export const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  commandLine: { hasSwitch: (_name: string) => false },
  getAppPath: () => resolve('.'),
  getPath: (name: string) => appPaths[name] ?? join(folder, name),
  setPath: (name: string, path: string) => void (appPaths[name] = path),
  enableSandbox: () => void (seen.sandboxed = true),
  requestSingleInstanceLock(data?: unknown): boolean {
    seen.lockData = structuredClone(data)
    return true
  },
  whenReady: () => Promise.resolve(),
  /** Closes every window, which may be prevented, and ends then. */
  quit() {
    if (seen.exitCode !== undefined) return
    app.emit('before-quit', eventOf().event)
    for (const window of [...seen.windows]) window.close()
    if (seen.windows.every((window) => window.isDestroyed())) app.exit(0)
  },
  exit(code: number) {
    if (seen.exitCode !== undefined) return
    seen.exitCode = code
    app.emit('quit', {}, code)
  },
})
export const powerMonitor = new EventEmitter()

/** An event, and whether somebody prevented what it tells of. */
function eventOf() {
  let isPrevented = false
  return { event: { preventDefault: () => void (isPrevented = true) }, isPrevented: () => isPrevented }
}

export const protocol = {
  registerSchemesAsPrivileged: (schemes: typeof seen.schemes) => void seen.schemes.push(...schemes),
  handle: (scheme: string, handler: never) => void seen.protocols.set(scheme, handler),
}

const note = (name: string) => (listener: Listener) => void (seen.permissions[name] = listener)
export const session = {
  defaultSession: {
    setPermissionRequestHandler: note('request'),
    setPermissionCheckHandler: note('check'),
    setDevicePermissionHandler: note('device'),
  },
}

export const ipcMain = Object.assign(new EventEmitter(), {
  handlers: new Map<string, Listener>(),
  handle: (channel: string, handler: Listener) => void ipcMain.handlers.set(channel, handler),
})

export const dialog = {
  showErrorBox: (title: string, content: string) => void seen.errors.push(`${title}: ${content}`),
  showOpenDialog: async () => ({ canceled: seen.chosen.length === 0, filePaths: seen.chosen }),
  async showMessageBox(_window: unknown, { message, detail }: { message: string; detail: string }) {
    seen.asked.push(message)
    seen.details.push(detail)
    return { response: seen.pressed }
  },
}
export const shell = {
  showItemInFolder: (path: string) => void seen.shown.push(path),
  async openPath(path: string) {
    throw new Error(`${path}: opened, not shown`)
  },
}
export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: (menu: unknown) => void (seen.menu = menu),
}

/** Files as a person drops them, by the path that the system knows of each. */
const paths = new WeakMap<File, string>()
export function fileAt(path: string): File {
  const file = new File([], basename(path))
  paths.set(file, path)
  return file
}
export const webUtils = { getPathForFile: (file: File) => paths.get(file) ?? '' }

/** `posted` is what its preload hears. */
class WebContents extends EventEmitter {
  readonly mainFrame = { origin: 'app://workbench' }
  readonly posted = new EventEmitter()
  openHandler: (() => { action: string }) | undefined
  /** How often it was loaded anew. */
  reloads = 0
  reload = () => void this.reloads++
  forcefullyCrashRenderer = () => this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 })
  setWindowOpenHandler(handler: () => { action: string }) {
    this.openHandler = handler
  }
  postMessage(channel: string, message: unknown, ports: MainPort[] = []) {
    this.posted.emit(channel, { ports: ports.map(({ raw }) => raw) }, structuredClone(message))
  }
  isDestroyed = () => false
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents()
  url = ''
  constructor(readonly options: { webPreferences: Record<string, unknown> }) {
    super()
    seen.windows.push(this)
  }
  loadURL = async (url: string) => void (this.url = url)
  /** What was done to it, in order: `show`, `focus`, `restore`. */
  readonly done: string[] = []
  minimized = false
  #isDestroyed = false
  show = () => void this.done.push('show')
  focus = () => void this.done.push('focus')
  restore = () => void this.done.push('restore')
  isMinimized = () => this.minimized
  isDestroyed = () => this.#isDestroyed
  static getAllWindows = () => seen.windows.filter((window) => !window.isDestroyed())
  close() {
    if (this.#isDestroyed) return
    const { event, isPrevented } = eventOf()
    this.emit('close', event)
    if (!isPrevented()) this.destroy()
  }
  /** Asks nobody. */
  destroy() {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.emit('closed')
    if (BrowserWindow.getAllWindows().length === 0) app.emit('window-all-closed')
  }
}

/** MessagePortMain over a port of Node's. A port that was sent on hears nothing here. */
class MainPort {
  constructor(readonly raw: MessagePort) {}
  postMessage = (message: unknown) => this.raw.postMessage(message)
  on(event: 'message' | 'close', listener: (event: { data: unknown; ports: [] }) => void) {
    this.raw.on(event, (data: unknown) => listener({ data, ports: [] }))
  }
  start = () => this.raw.start()
  close = () => this.raw.close()
}

export class MessageChannelMain {
  readonly port1: MainPort
  readonly port2: MainPort
  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new MainPort(port1)
    this.port2 = new MainPort(port2)
  }
}

/** As Electron's, it emits `error` for a death of V8, which throws where nobody listens, as with every emitter. */
class UtilityDouble extends EventEmitter {
  readonly worker: Worker
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  constructor(module: string, argv: string[], { stdio = [] }: { stdio?: string[] } = {}) {
    super()
    const [, out, error] = stdio.map((kind) => kind === 'pipe')
    this.worker = new Worker(new URL('./utility.mjs', import.meta.url), {
      argv,
      workerData: { module },
      stdout: out === true,
      stderr: error === true,
    })
    this.stdout = out ? this.worker.stdout : null
    this.stderr = error ? this.worker.stderr : null
    // What ends a thread ends a process with exit code 1, its error printed.
    this.worker.on('error', ({ stack }) => this.stderr?.emit('data', Buffer.from(`${stack}\n`)))
    this.worker.once('online', () => this.emit('spawn'))
    this.worker.on('message', (data) => this.emit('message', data))
    this.worker.once('exit', (code) => this.emit('exit', code))
    seen.engines.push(this)
  }
  postMessage(data: unknown, ports: MainPort[] = []) {
    const raw = ports.map((port) => port.raw)
    this.worker.postMessage({ data, ports: raw }, raw)
  }
  kill() {
    void this.worker.terminate()
    return true
  }
}
export const utilityProcess = {
  fork: (...asked: ConstructorParameters<typeof UtilityDouble>) => new UtilityDouble(...asked),
}
