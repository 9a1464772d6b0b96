// A page without a browser: what it does with the address that the server printed, and its side of the socket.
import { request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { EngineApi, EngineEvents } from '../src/shared/contract/api.ts'
import { GRANTED, subprotocols, tokenIn } from '../src/shared/contract/web-access.ts'
import { connect } from '../src/shared/rpc/client.ts'
import { socketChannel } from '../src/shared/rpc/socket-channel.ts'
import type { WebHost } from '../src/cli/serve/host.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** One request as written, with nothing tidied up. */
export function ask(
  { port }: Pick<WebHost, 'port'>,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
      .on('error', reject)
      .end()
  })
}

/** The token in the printed address. */
export const tokenOf = ({ address }: Pick<WebHost, 'address'>): string =>
  tokenIn(new URL(address).hash)!.token

export type Told = { [E in keyof EngineEvents]: [E, ...Parameters<EngineEvents[E]>] }[keyof EngineEvents]

export interface Page {
  readonly api: EngineApi
  readonly told: readonly Told[]
  readonly socket: WebSocket
  /** Resolves when the socket is gone. */
  readonly closed: Promise<void>
  /** Resolves with the first event, past or to come, that `wanted` accepts. */
  until(wanted: (event: Told) => boolean): Promise<Told>
}

export async function openPage(host: WebHost, token = tokenOf(host)): Promise<Page> {
  const origin = `http://127.0.0.1:${host.port}`
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/engine`, subprotocols(token), { origin })
  socket.on('error', () => {})
  const told: Told[] = []
  const waiting = new Set<() => void>()
  let closed = () => {}
  const page = {
    told,
    socket,
    closed: new Promise<void>((resolve) => (closed = resolve)),
    api: connect<EngineApi, EngineEvents>(socketChannel(socket), {
      event(...event) {
        told.push(event as unknown as Told)
        waiting.forEach((look) => look())
      },
      closed: () => closed(),
    }),
    until: (wanted: (event: Told) => boolean) =>
      new Promise<Told>((resolve) => {
        const look = () => {
          const found = told.find(wanted)
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => (socket.protocol === GRANTED ? resolve() : reject(new Error('no access'))))
    socket.once('close', () => reject(new Error('refused')))
  })
  return page
}

/** As a page does after its socket closed: tries until there is an engine, then asks for the snapshot. */
export async function reconnect(host: WebHost) {
  for (;;) {
    try {
      const page = await openPage(host)
      return { ...page, snapshot: await page.api.snapshot() }
    } catch {
      await wait(100)
    }
  }
}
