import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import * as z from 'zod'
import type { Channel } from '../../../src/shared/rpc/channel.ts'
import { CallError, connect } from '../../../src/shared/rpc/client.ts'
import { portChannel } from '../../../src/shared/rpc/port-channel.ts'
import { MAX_OPEN_CALLS, serve, type CallSchemas } from '../../../src/shared/rpc/serve.ts'
import { socketChannel } from '../../../src/shared/rpc/socket-channel.ts'
import { memoryChannels } from './memory-channel.ts'

interface Api {
  double(numbers: Float32Array): Promise<Float32Array>
  fail(message: string): Promise<void>
  never(): Promise<void>
  unsendable(): Promise<unknown>
}
interface Told {
  tick(count: number, at: Int16Array): void
}
const schemas: CallSchemas<Api> = {
  double: z.tuple([z.instanceof(Float32Array)]),
  fail: z.tuple([z.string().max(20)]),
  never: z.tuple([]),
  unsendable: z.tuple([]),
}
const api: Api & { secret(): Promise<string> } = {
  double: async (numbers) => numbers.map((number) => 2 * number),
  fail: async (message) => {
    throw new RangeError(message)
  },
  never: () => new Promise(() => {}),
  unsendable: async () => ({ pixels: new Uint8ClampedArray(4) }),
  secret: async () => 'not in the schemas',
}

/** Both sides over a pair of channels. */
function over([here, there]: readonly [Channel, Channel]) {
  const events: unknown[] = []
  let closed = 0
  const tell = serve<Api, Told>(there, api, schemas)
  const calls = connect<Api, Told>(here, {
    event: (...event) => events.push(event),
    closed: () => closed++,
  })
  return { calls, tell, events, closed: () => closed, here, there }
}

let server: Server
let sockets: WebSocketServer
beforeAll(async () => {
  server = createServer()
  sockets = new WebSocketServer({ server })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  sockets.close()
  server.close()
})

async function socketChannels(): Promise<[Channel, Channel]> {
  const there = new Promise<WebSocket>((resolve) => sockets.once('connection', resolve))
  const here = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const channels: [Channel, Channel] = [socketChannel(here), socketChannel(await there)]
  await new Promise((resolve) =>
    here.readyState === WebSocket.OPEN ? resolve(0) : here.once('open', resolve),
  )
  return channels
}

const CARRIERS: Record<string, () => Promise<[Channel, Channel]>> = {
  memory: async () => memoryChannels(),
  port: async () => {
    const { port1, port2 } = new MessageChannel()
    return [portChannel(port1 as never), portChannel(port2 as never)]
  },
  socket: socketChannels,
}

describe.each(Object.keys(CARRIERS))('over a %s', (carrier) => {
  it('carries answers, errors and events, and keeps arrays binary', async () => {
    const { calls, tell, events, here } = over(await CARRIERS[carrier]!())
    expect(await calls.double(new Float32Array([1, 2.5]))).toEqual(new Float32Array([2, 5]))
    const error = await calls.fail('too far').catch((error: unknown) => error)
    expect(error).toBeInstanceOf(CallError)
    expect(error).toMatchObject({ name: 'RangeError', message: 'too far', call: 'fail' })
    tell('tick', 7, Int16Array.of(-1, 3))
    // Messages keep their order: once this is answered, the event is here.
    await calls.double(new Float32Array(1))
    expect(events).toEqual([['tick', 7, Int16Array.of(-1, 3)]])
    here.close()
  })

  it('rejects open calls when the channel closes, and every later call', async () => {
    const { calls, closed, there } = over(await CARRIERS[carrier]!())
    const open = calls.never()
    await calls.double(new Float32Array(1))
    there.close()
    await expect(open).rejects.toMatchObject({ name: 'ConnectionLost', call: 'never' })
    await expect(calls.double(new Float32Array(1))).rejects.toMatchObject({ name: 'ConnectionLost' })
    expect(closed()).toBe(1)
  })
})

describe('over a socket, a value that cannot be sent', () => {
  it('fails only the call that returned it', async () => {
    const { calls, here } = over(await socketChannels())
    await expect(calls.unsendable()).rejects.toMatchObject({
      name: 'TypeError',
      message: 'value.pixels: this array type cannot be sent',
      call: 'unsendable',
    })
    expect(await calls.double(new Float32Array([1]))).toEqual(new Float32Array([2]))
    here.close()
  })

  it('throws at the caller if it is an argument, and closes the connection if it is in an event', async () => {
    const { calls, tell, here, closed } = over(await socketChannels())
    await expect(calls.double(new Uint8ClampedArray(1) as never)).rejects.toThrow(
      'args.0: this array type cannot be sent',
    )
    expect(await calls.double(new Float32Array([1]))).toEqual(new Float32Array([2]))
    tell('tick', 1, new Uint8ClampedArray(1) as never)
    await expect.poll(closed).toBe(1)
    here.close()
  })
})

describe('over a carrier that refuses messages', () => {
  const deep = (depth: number): unknown => (depth === 0 ? 0 : [deep(depth - 1)])
  /** As a process channel: what V8 cannot copy is thrown at the sender. */
  const refusing = ([here, there]: readonly [Channel, Channel]): [Channel, Channel] => [
    here,
    {
      ...there,
      post(message) {
        if (JSON.stringify(message).includes('[[[[')) throw new RangeError('too deep to be copied')
        there.post(message)
      },
    },
  ]

  it('a call whose answer cannot be sent fails, and the next one works', async () => {
    const nesting = { ...api, unsendable: async () => deep(5) }
    const [here, there] = refusing(memoryChannels())
    const tell = serve<Api, Told>(there, nesting, schemas)
    const events: unknown[] = []
    const calls = connect<Api, Told>(here, { event: (...event) => events.push(event), closed() {} })
    await expect(calls.unsendable()).rejects.toMatchObject({
      name: 'RangeError',
      message: 'too deep to be copied',
    })
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    tell('tick', deep(5) as never, Int16Array.of())
    expect(log.mock.lastCall?.[0]).toBe("event 'tick' cannot be sent:")
    expect(await calls.double(new Float32Array([1]))).toEqual(new Float32Array([2]))
    expect(events).toEqual([])
  })

  it('arguments that nest too deeply or contain themselves are refused before they are walked', async () => {
    const { calls } = over(memoryChannels())
    const circle: unknown[] = []
    circle.push(circle, circle)
    for (const argument of [deep(100), circle])
      await expect(calls.double(argument as never)).rejects.toMatchObject({
        name: 'RequestError',
        message: 'invalid arguments: nested too deep (expected at most 64 levels)',
      })
  })
})

describe('the other side', () => {
  it('reaches only the functions of the contract', async () => {
    const { calls } = over(memoryChannels())
    const any = calls as unknown as Record<string, () => Promise<unknown>>
    for (const name of ['secret', 'constructor', '__proto__', 'toString', 'hasOwnProperty', ''])
      await expect(any[name]!(), name).rejects.toMatchObject({
        name: 'RequestError',
        message: 'unknown call',
      })
  })

  it('gets an error with the argument that is invalid', async () => {
    const { calls } = over(memoryChannels())
    const any = calls as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    await expect(any.double!([1])).rejects.toThrow('invalid arguments: 0: ')
    await expect(any.fail!('a'.repeat(21))).rejects.toThrow('invalid arguments: 0: ')
    await expect(any.never!(1)).rejects.toThrow('invalid arguments')
  })

  it('may send invalid messages without effect', async () => {
    const [here, there] = memoryChannels()
    const { calls } = over([here, there])
    for (const message of [
      null,
      1,
      'call',
      [],
      {},
      { call: 'a' },
      { call: 1, name: 'double' },
      { answer: 1 },
    ])
      here.post(message as never)
    expect(await calls.double(new Float32Array([1]))).toEqual(new Float32Array([2]))
  })

  it('cannot keep more than the maximum number of calls open', async () => {
    const { calls } = over(memoryChannels())
    for (let i = 0; i < MAX_OPEN_CALLS; i++) void calls.never()
    await expect(calls.double(new Float32Array(1))).rejects.toThrow(
      `too many concurrent calls (maximum ${MAX_OPEN_CALLS})`,
    )
  })
})
