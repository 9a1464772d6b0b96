// The engine as the page sees it: calls, events and the state of the connection, whichever host carries them.
import { accessToken } from './access.ts'
import type { EngineApi, EngineEvents } from '../shared/contract/api.ts'
import { PORT_MESSAGE, type DesktopBridge } from '../shared/contract/desktop.ts'
import type { Channel } from '../shared/rpc/channel.ts'
import { CallError, connect } from '../shared/rpc/client.ts'
import { portChannel } from '../shared/rpc/port-channel.ts'
import { socketChannel } from '../shared/rpc/socket-channel.ts'
import { GRANTED, subprotocols } from '../shared/contract/web-access.ts'
import { shell } from './shell.ts'

/**
 *   connecting -> connected <-> lost
 *        |`----------------------^      (an unreachable engine is retried)
 *        `---------------> refused      (no token, or that of another server; retried too)
 *   connected <-> silent                (it is there but does not answer: suspended, or in a long step)
 */
export type ConnectionState = 'connecting' | 'connected' | 'silent' | 'lost' | 'refused'

/** This page has no access to the server that it was loaded from. */
export class AccessError extends Error {
  override name = 'AccessError'
}

export interface EngineConnection {
  readonly api: EngineApi
  /** Listens from now on, across reconnects. */
  on<E extends keyof EngineEvents>(event: E, listener: EngineEvents[E]): void
  /** Called immediately and at every change; `connected` means that earlier events may have been missed, except after `silent`. */
  onState(listener: (state: ConnectionState) => void): void
}

/** Milliseconds between two attempts to reach a lost engine. */
const RETRY = 300
/** Milliseconds between two pings, and until one without an answer is reported. */
const PING = 10_000
const SILENCE = 30_000

/** Keeps a connection over the channels that `open` makes, one after another. */
export function keepConnected(open: () => Promise<Channel>): EngineConnection {
  const listeners = new Map<string, Set<(...args: never[]) => void>>()
  const watchers = new Set<(state: ConnectionState) => void>()
  let state: ConnectionState = 'connecting'
  let api: EngineApi | undefined

  const become = (next: ConnectionState) => {
    state = next
    watchers.forEach((watcher) => watcher(state))
  }
  const lose = (into: 'lost' | 'refused' = 'lost') => {
    api = undefined
    if (state !== into) become(into)
    setTimeout(() => void begin(), RETRY)
  }
  /** Pings one connection until it is lost. */
  const watch = (watched: EngineApi) => {
    const silence = setTimeout(() => api === watched && become('silent'), SILENCE)
    const answered = () => {
      clearTimeout(silence)
      if (api !== watched) return
      if (state === 'silent') become('connected')
      setTimeout(() => api === watched && watch(watched), PING)
    }
    watched.ping().then(answered, () => clearTimeout(silence))
  }
  const begin = async () => {
    try {
      const channel = await open()
      api = connect<EngineApi, EngineEvents>(channel, {
        event: (name, ...args: readonly unknown[]) =>
          listeners.get(name)?.forEach((listener) => listener(...(args as never[]))),
        closed: () => lose(),
      })
      become('connected')
      watch(api)
    } catch (error) {
      lose(error instanceof AccessError ? 'refused' : 'lost')
    }
  }
  void begin()
  return {
    api: new Proxy({} as EngineApi, {
      get:
        (_, name: keyof EngineApi) =>
        async (...args: never[]) => {
          if (!api)
            throw new CallError({
              name: 'ConnectionLost',
              message: 'the engine is not connected; try again in a moment',
              call: name,
            })
          return (api[name] as (...args: never[]) => Promise<unknown>)(...args)
        },
    }),
    on(event, listener) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
    },
    onState(watcher) {
      watchers.add(watcher)
      watcher(state)
    },
  }
}

/** The engine of the host that shows this page: a port in the desktop window, else a socket to the server. */
export function reachEngine(): EngineConnection {
  const bridge = shell
  return keepConnected(bridge ? () => openPort(bridge) : openSocket)
}

function openPort({ requestPort }: DesktopBridge): Promise<Channel> {
  return new Promise((resolve) => {
    const hear = (event: MessageEvent) => {
      const [port] = event.ports
      if (event.source !== window || event.data !== PORT_MESSAGE || !port) return
      removeEventListener('message', hear)
      resolve(portChannel(port))
    }
    addEventListener('message', hear)
    requestPort()
  })
}

async function openSocket(): Promise<Channel> {
  const token = accessToken()
  if (token === undefined) throw new AccessError('this page has no access token')
  const url = new URL('engine', location.href)
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  url.hash = ''
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, subprotocols(token))
    socket.addEventListener('open', () =>
      socket.protocol === GRANTED
        ? resolve(socketChannel(socket))
        : reject(new AccessError('the server has another access token')),
    )
    socket.addEventListener('error', () => reject(new Error('the engine cannot be reached')))
  })
}
