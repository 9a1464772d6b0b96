// A channel -> the other side's calls as functions. There are no timeouts: a call ends when it is answered, or
// when the channel closes.
import type { Calls, Channel, Events, Message, WireError } from './channel.ts'

/** An error thrown by the other side, or `ConnectionLost`. */
export class CallError extends Error {
  readonly call: string
  constructor({ name, message, call }: WireError) {
    super(message)
    this.name = name
    this.call = call
  }
}

export interface ClientListeners<Told> {
  event<E extends keyof Told & string>(
    name: E,
    ...args: Told[E] extends (...args: infer A) => void ? A : never
  ): void
  /** The channel has closed; every pending call has been rejected. */
  closed(): void
}

interface OpenCall {
  readonly name: string
  resolve(value: unknown): void
  reject(error: CallError): void
}

/** The calls of `Api` over the channel; the other side checks that a call exists. */
export function connect<Api extends Calls<Api>, Told extends Events<Told>>(
  channel: Channel,
  listeners: ClientListeners<Told>,
): Api {
  const open = new Map<number, OpenCall>()
  let last = 0
  let closed = false

  const lost = (call: string) =>
    new CallError({ name: 'ConnectionLost', message: 'lost the connection to the engine', call })
  const settle = (message: Extract<Message, { answer: number }>) => {
    const call = open.get(message.answer)
    open.delete(message.answer)
    if ('error' in message) call?.reject(new CallError({ ...message.error, call: call.name }))
    else call?.resolve(message.value)
  }
  channel.on(
    (heard) => {
      const message = heard as Message
      if ('answer' in message) settle(message)
      else if ('event' in message) listeners.event(message.event as never, ...(message.args as never))
    },
    () => {
      closed = true
      for (const { name, reject } of open.values()) reject(lost(name))
      open.clear()
      listeners.closed()
    },
  )
  const call = (name: string, args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      if (closed) return reject(lost(name))
      const id = ++last
      // Posted first: a call that cannot be sent does not stay pending.
      channel.post({ call: id, name, args })
      open.set(id, { name, resolve, reject })
    })
  // Promises are recognised by `then`: the proxy must not have one.
  return new Proxy({} as Api, {
    get: (_, name) =>
      typeof name === 'symbol' || name === 'then'
        ? undefined
        : (...args: readonly unknown[]) => call(name, args),
  })
}
