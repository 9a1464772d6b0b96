// The page's connection: calls and events over successive channels, across losses.
import { expect, it, vi } from 'vitest'
import { keepConnected, type ConnectionState } from '../../src/renderer/engine.ts'
import type { Channel, Message } from '../../src/shared/rpc/channel.ts'

/** A channel to an engine that answers every call with its name, and the means to break it. */
function engineOnce() {
  let heard: (message: unknown) => void = () => {}
  let closed = () => {}
  const channel: Channel = {
    post(message: Message) {
      if ('call' in message) queueMicrotask(() => heard({ answer: message.call, value: message.name }))
    },
    on(hear, close) {
      heard = hear
      closed = close
    },
    close: () => closed(),
  }
  return {
    channel,
    tell: (event: string, ...args: unknown[]) => heard({ event, args }),
    lose: () => closed(),
  }
}

it('the connection recovers after a loss, with the same listeners', async () => {
  vi.useFakeTimers()
  const engines = [engineOnce(), engineOnce()]
  const opened = vi.fn(async () => engines[opened.mock.calls.length - 1]!.channel)
  const connection = keepConnected(opened)
  const states: ConnectionState[] = []
  const heard: unknown[] = []
  connection.onState((state) => states.push(state))
  connection.on('runChanged', (run) => heard.push(run))
  await vi.advanceTimersByTimeAsync(0)
  expect(await connection.api.snapshot()).toBe('snapshot')
  engines[0]!.tell('runChanged', 'one')

  engines[0]!.lose()
  await expect(connection.api.snapshot()).rejects.toMatchObject({ name: 'ConnectionLost', call: 'snapshot' })
  await vi.advanceTimersByTimeAsync(5000)
  engines[1]!.tell('runChanged', 'two')
  expect(await connection.api.snapshot()).toBe('snapshot')
  expect(heard).toEqual(['one', 'two'])
  expect(states).toEqual(['connecting', 'connected', 'lost', 'connected'])
  vi.useRealTimers()
})

it('an engine that does not answer is reported, and is connected again once it does', async () => {
  vi.useFakeTimers()
  const { channel } = engineOnce()
  let heard: (message: unknown) => void = () => {}
  let suspended: Message[] | undefined
  const connection = keepConnected(async () => ({
    ...channel,
    on(hear, closed) {
      heard = hear
      channel.on(hear, closed)
    },
    post: (message) => void (suspended ? suspended.push(message) : channel.post(message)),
  }))
  const states: ConnectionState[] = []
  connection.onState((state) => states.push(state))
  await vi.advanceTimersByTimeAsync(100_000)
  expect(states).toEqual(['connecting', 'connected'])
  suspended = []
  await vi.advanceTimersByTimeAsync(60_000)
  expect(states).toEqual(['connecting', 'connected', 'silent'])
  for (const message of suspended) if ('call' in message) heard({ answer: message.call, value: undefined })
  suspended = undefined
  await vi.advanceTimersByTimeAsync(100_000)
  expect(states).toEqual(['connecting', 'connected', 'silent', 'connected'])
  vi.useRealTimers()
})

it('the connection retries while there is no engine', async () => {
  vi.useFakeTimers()
  const { channel } = engineOnce()
  let attempts = 0
  const connection = keepConnected(async () => {
    if (++attempts < 4) throw new Error('refused')
    return channel
  })
  const states: ConnectionState[] = []
  connection.onState((state) => states.push(state))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(attempts).toBe(4)
  expect(states).toEqual(['connecting', 'lost', 'connected'])
  vi.useRealTimers()
})
