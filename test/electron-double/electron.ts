// As much of Electron as the shell uses, for machines that cannot have its binary: it notes what is asked of it.
// Utility processes are threads and ports are Node's, so that the real engine answers behind them.
import { EventEmitter } from 'node:events'
import { basename } from 'node:path'
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
  pressed: 0,
  /** Paths that the file manager was to show. */
  shown: [] as string[],
}

export const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  enableSandbox: () => void (seen.sandboxed = true),
  requestSingleInstanceLock: () => true,
  whenReady: () => Promise.resolve(),
  quit: () => void app.emit('quit'),
  exit: (code: number) => void app.emit('quit', code),
})

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
  showErrorBox(title: string, content: string) {
    throw new Error(`${title}: ${content}`)
  },
  showOpenDialog: async () => ({ canceled: seen.chosen.length === 0, filePaths: seen.chosen }),
  async showMessageBox(_window: unknown, { message }: { message: string }) {
    seen.asked.push(message)
    return { response: seen.pressed }
  },
}
export const shell = {
  showItemInFolder: (path: string) => void seen.shown.push(path),
  async openPath(path: string) {
    seen.shown.push(path)
    return ''
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
  setWindowOpenHandler(handler: () => { action: string }) {
    this.openHandler = handler
  }
  postMessage(channel: string, message: unknown, ports: { raw: MessagePort }[]) {
    this.posted.emit(channel, { ports: ports.map(({ raw }) => raw) }, message)
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
  show() {}
  focus() {}
}

export class MessageChannelMain {
  readonly port1: { raw: MessagePort }
  readonly port2: { raw: MessagePort }
  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = { raw: port1 }
    this.port2 = { raw: port2 }
  }
}

class UtilityDouble extends EventEmitter {
  readonly worker: Worker
  constructor(module: string, argv: string[]) {
    super()
    this.worker = new Worker(new URL('./utility.mjs', import.meta.url), { argv, workerData: { module } })
    this.worker.once('online', () => this.emit('spawn'))
    this.worker.on('message', (data) => this.emit('message', data))
    this.worker.once('exit', (code) => this.emit('exit', code))
    seen.engines.push(this)
  }
  postMessage(data: unknown, ports: { raw: MessagePort }[] = []) {
    const raw = ports.map((port) => port.raw)
    this.worker.postMessage({ data, ports: raw }, raw)
  }
  kill() {
    void this.worker.terminate()
    return true
  }
}
export const utilityProcess = { fork: (module: string, args: string[]) => new UtilityDouble(module, args) }
