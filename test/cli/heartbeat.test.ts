// Pages that vanish without a word: a laptop that was closed, a tunnel that was cut.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { subprotocols } from '../../src/shared/contract/web-access.ts'
import { pageSockets, type PageSockets } from '../../src/cli/serve/socket.ts'

const HEARTBEAT_MS = 100
const TOKEN = 'the-token'
let server: Server
let sockets: PageSockets
const closedLines: number[] = []

beforeAll(async () => {
  let line = 0
  sockets = pageSockets(
    TOKEN,
    () => {
      const number = ++line
      return { post: () => {}, on: () => {}, close: () => void closedLines.push(number) }
    },
    HEARTBEAT_MS,
  )
  server = createServer().on('upgrade', sockets.upgrade)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterAll(() => {
  sockets.close()
  server.close()
})

async function open(options: { readonly autoPong: boolean }): Promise<WebSocket> {
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const socket = new WebSocket(`ws://127.0.0.1:${port}/engine`, subprotocols(TOKEN), { origin, ...options })
  socket.on('error', () => {})
  await new Promise((opened) => socket.once('open', opened))
  return socket
}

it('a page that answers pings stays connected; one that does not is disconnected from the engine', async () => {
  const [alive, gone] = [await open({ autoPong: true }), await open({ autoPong: false })]
  const ended = new Promise<number>((resolve) => gone.once('close', resolve))
  let pings = 0
  alive.on('ping', () => pings++)
  // Ended without a closing handshake.
  expect(await ended).toBe(1006)
  await vi.waitFor(() => expect(closedLines).toEqual([2]))
  await wait(5 * HEARTBEAT_MS)
  expect(alive.readyState).toBe(WebSocket.OPEN)
  expect(pings).toBeGreaterThan(2)
  alive.terminate()
})
