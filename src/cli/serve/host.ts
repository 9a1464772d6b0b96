// The web host: one loopback address that serves the page and connects it to the engine.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RequestError } from '../../shared/errors.ts'
import { keepEngine, type EngineStart } from '../../shared/contract/keep-engine.ts'
import { tokenFragment } from '../../shared/contract/web-access.ts'
import { workspaceFolder } from '../../engine/records/workspace.ts'
import { forkEngine } from './engine.ts'
import { readPage, servePage } from './page.ts'
import { pageSockets } from './socket.ts'
import { workspaceToken } from './token.ts'

export interface WebHostOptions {
  /** 0 picks any free port. */
  readonly port: number
  /** Falls back to any free port if this one is in use. */
  readonly orAnother?: boolean
  /** Folder of the built page. */
  readonly page: string
  /** Path of the built engine process. */
  readonly engineModule: string
  readonly engine: EngineStart
}

export interface WebHost {
  /** Contains the token. */
  readonly address: string
  readonly port: number
  /** Process id of the engine; undefined while it restarts. */
  enginePid(): number | undefined
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

export async function openWebHost(options: WebHostOptions): Promise<WebHost> {
  const files = await readPage(options.page)
  const server = createServer()
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  const token = await workspaceToken(options.engine.workspace ?? workspaceFolder())
  const keeper = keepEngine(options.engine, (start) => forkEngine(options.engineModule, start))
  const sockets = pageSockets(token, () => keeper.current()?.openLine())
  server.on('request', servePage(files))
  server.on('upgrade', sockets.upgrade)
  return {
    address: `http://${LOOPBACK}:${port}/${tokenFragment(token)}`,
    port,
    enginePid: () => keeper.current()?.pid,
    async close() {
      sockets.close()
      keeper.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listen(server: Server, { port, orAnother = false }: WebHostOptions): Promise<void> {
  const attempt = (at: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(at, LOOPBACK, () => {
        server.off('error', reject)
        resolve()
      })
    })
  try {
    await attempt(port)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' || !orAnother) throw new RequestError(`port ${port}: ${message}`)
    await attempt(0)
  }
}
