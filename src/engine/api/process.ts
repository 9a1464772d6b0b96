// The engine in its own process, started by a host: Node's fork (the web host), Electron's utility process,
// or a plain Node with a pipe (the window on Linux). The first channel the host opens is its own; every
// further channel or port belongs to a page.
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { ResumedWork } from '../../shared/contract/api.ts'
import { REMOTE_HOST_CALLS, type RemoteHostApi } from '../../shared/contract/calls.ts'
import type { EngineStart, HostEvents } from '../../shared/contract/keep-engine.ts'
import type { Channel } from '../../shared/rpc/channel.ts'
import { byteCarrier } from '../../shared/rpc/byte-carrier.ts'
import { multiplex, type Carrier } from '../../shared/rpc/multiplex.ts'
import { onModelsInUse } from '../../shared/models/models-in-use.ts'
import { serve } from '../../shared/rpc/serve.ts'
import { createEngine, demoFolder } from './index.ts'
import { servePage } from './serve-page.ts'
import { parseJson } from '../../shared/plain-json.ts'

/** Electron's MessagePortMain. */
interface MainPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown; ports: readonly MainPort[] }) => void): void
  on(event: 'close', listener: () => void): void
  start(): void
  close(): void
}

/** For how long after a restart or resumed work a connecting page is notified of it. */
const NEWS_MS = 30_000
const HOST_LINE = 0
/** How long models count as in use after a step, because a crash can follow a moment after its cause. */
const REST_MS = 500

const {
  stopped,
  models,
  images = [],
  resumesWork = false,
  ...options
} = parseJson(process.argv[2] ?? '{"models":[]}') as EngineStart
const engine = createEngine({
  ...options,
  models: models.length > 0 ? models : [demoFolder()],
  keepsNetworks: true,
  // Bundled next to this file.
  umapWorker: new URL('./umap-worker.js', import.meta.url),
  program: { command: [process.execPath, fileURLToPath(new URL('../../cli/digit.js', import.meta.url))] },
})
const started = performance.now()
// Problems with image sets are shown where the page lists them; the workbench starts anyway.
if (images.length > 0) void engine.api.addImages(images).catch((error: Error) => console.error(error.message))
/** The event, and when it was sent. */
let resumed: { readonly work: ResumedWork; readonly at: number } | undefined
if (resumesWork) {
  engine.on('workResumed', (work) => (resumed = { work, at: performance.now() }))
  const stopWaiting = engine.on('modelSetChanged', () => {
    stopWaiting()
    engine.api.resumeWork().catch((error: Error) => console.error(error.message))
  })
}
const { parentPort } = process as NodeJS.Process & { readonly parentPort?: MainPort }

/** File number of the pipe to a host with its own version of Node. */
const [, , , pipe] = process.argv
const carrier = parentPort ? fromElectron(parentPort) : pipe ? fromPipe(Number(pipe)) : fromNode()

multiplex(carrier, (channel, line) => (line === HOST_LINE ? serveHost(channel) : page(channel)))

function serveHost(channel: Channel): void {
  const send = serve<RemoteHostApi, HostEvents>(channel, engine.api, REMOTE_HOST_CALLS)
  send('loaded')
  onModelsInUse((inUse) => send('modelsInUse', inUse), REST_MS)
}

function page(channel: Channel): void {
  const send = servePage(channel, engine)
  const isNews = (at: number) => performance.now() - at < NEWS_MS
  if (stopped && isNews(started)) send('engineStopped', stopped)
  if (resumed && isNews(resumed.at)) send('workResumed', resumed.work)
}

/** Node's channel to a forked child. The engine exits with its host. */
function fromNode(): Carrier {
  process.on('disconnect', () => process.exit())
  return {
    post: (data) => void process.send?.(data),
    on: (heard) => void process.on('message', heard),
  }
}

/** A pipe opened by the host; the engine exits with its host. */
function fromPipe(file: number): Carrier {
  const socket = new Socket({ fd: file })
  socket.on('close', () => process.exit())
  return byteCarrier(socket)
}

/** Electron's channel to a utility process; a message with a port brings a page. */
function fromElectron(parent: MainPort): Carrier {
  return {
    post: (data) => parent.postMessage(data),
    on: (heard) =>
      parent.on('message', ({ data, ports: [port] }) => (port ? page(mainPortChannel(port)) : heard(data))),
  }
}

const mainPortChannel = (port: MainPort): Channel => ({
  post: (message) => port.postMessage(message),
  on(heard, closed) {
    port.on('message', ({ data }) => heard(data))
    port.on('close', closed)
    port.start()
  },
  close: () => port.close(),
})
