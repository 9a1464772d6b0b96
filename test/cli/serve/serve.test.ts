import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import { openWebHost, type WebHost } from '../../../src/cli/serve/host.ts'
import { BUILT } from '../../built.ts'
import { GRANTED, REFUSED, subprotocols } from '../../../src/shared/contract/web-access.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { ask, openPage, reconnect, tokenOf, type Page } from '../../web-page.ts'
import { fuzzSocket } from '../fuzz-socket.ts'

const temporary = temporaryFolder()
const workspace = join(temporary.path, 'workspace')
let host: WebHost

beforeAll(async () => {
  temporary.write('page/index.html', '<!doctype html>the page')
  temporary.write('page/assets/page-1a2b.js', 'start()')
  temporary.write('secret.txt', 'secret')
  host = await openWebHost({
    port: 0,
    page: join(temporary.path, 'page'),
    engineModule: BUILT.engine,
    engine: { models: [demoFolder()], workspace },
  })
})
afterAll(() => host.close())

describe('the page', () => {
  it('is served without its token: it has no secrets', async () => {
    const page = await ask(host, '/')
    expect([page.status, page.body]).toEqual([200, '<!doctype html>the page'])
    expect(page.headers['content-security-policy']).toContain("script-src 'self';")
    expect(page.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    expect(page.headers).not.toHaveProperty('set-cookie')
    const script = await ask(host, '/assets/page-1a2b.js')
    expect([script.body, script.headers['content-type']]).toEqual([
      'start()',
      'text/javascript; charset=utf-8',
    ])
  })

  it('is refused under another host name', async () => {
    const status = async (...request: [path: string, headers?: Record<string, string>, method?: string]) =>
      (await ask(host, ...request)).status
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil:80', '0.0.0.0', '[::1]'])
      expect(await status('/', { host }), host).toBe(403)
    // A tunnel has a port of its own.
    expect(await status('/', { host: 'localhost:9000' })).toBe(200)
    expect(await status('/', {}, 'POST')).toBe(405)
  })

  it('no address leads out of the folder of the page', async () => {
    const ways = ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/..%5c..%5csecret.txt']
    const others = ['//secret.txt', '/assets', '/assets/', '/%00', '/index.html%00.js', '/assets/page', 'x:y']
    for (const path of [
      ...ways,
      ...others,
      `file://${temporary.path}/secret.txt`,
      '/constructor',
      '/__proto__',
    ]) {
      const { status, body } = await ask(host, path)
      expect([path, status < 400, body.includes('secret')]).toEqual([path, false, false])
    }
  })

  it('is served only to this machine', async () => {
    const outside = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
    for (const { address } of outside.filter(({ internal }) => !internal)) {
      const reached = await new Promise((settle) => {
        const socket = createConnection({ host: address, port: host.port })
        socket.once('connect', () => settle(true)).once('error', () => settle(false))
        socket.setTimeout(2000, () => settle(false))
      })
      expect([address, reached]).toEqual([address, false])
    }
  })
})

it('only the page itself can open a socket, and only with the token', async () => {
  const own = `http://127.0.0.1:${host.port}`
  const token = tokenOf(host)
  /** The protocol that the host chose, or that it refused the handshake. */
  const opened = (path: string, origin: string | undefined, protocols: string[], headers = {}) =>
    new Promise<string>((settle) => {
      const address = `ws://127.0.0.1:${host.port}${path}`
      const socket = new WebSocket(address, protocols, {
        headers,
        ...(origin === undefined ? {} : { origin }),
      })
      socket.on('error', () => settle('no socket'))
      socket.once('open', () => {
        settle(socket.protocol)
        socket.close()
      })
    })
  const right = subprotocols(token)
  expect(await opened('/engine', own, right)).toBe(GRANTED)
  for (const wrong of [`${token}x`, token.toLowerCase(), token.slice(1), 'x'])
    expect(await opened('/engine', own, subprotocols(wrong))).toBe(REFUSED)
  expect(await opened('/engine', own, [token, GRANTED, REFUSED])).toBe(REFUSED)
  // Nothing that a browser adds by itself opens it.
  const ambient = { cookie: `digit-${host.port}=${token}`, authorization: `Bearer ${token}` }
  expect(await opened(`/engine?token=${token}`, own, [GRANTED, REFUSED], ambient)).toBe(REFUSED)
  expect(await opened('/engine', undefined, right)).toBe('no socket')
  for (const origin of [
    'null',
    'http://evil.example',
    `https://127.0.0.1:${host.port}`,
    `${own}0`,
    'http://localhost',
  ])
    expect(await opened('/engine', origin, right), origin).toBe('no socket')
  expect(await opened('/engine', 'http://evil.example', right, { host: 'evil.example' })).toBe('no socket')
  expect(await opened('/', own, right)).toBe('no socket')
  const half = { origin: own, connection: 'Upgrade', upgrade: 'websocket' }
  expect((await ask(host, '/engine', half)).status).toBe(400)
})

describe('the engine behind the page', () => {
  /** When the models have been looked at. */
  const withModels = async (page: Page) => {
    if (!(await page.api.snapshot()).modelSet) await page.until(([event]) => event === 'modelSetChanged')
  }
  const ended = (page: Page, id: string) =>
    page.until(([event, run]) => event === 'runChanged' && run.id === id && run.status.state === 'done')

  it('two pages receive the events of one run, and both can read it', async () => {
    const [one, two] = [await openPage(host), await openPage(host)]
    await withModels(one)
    const id = await one.api.startSample({ ...QUICK, count: 2 })
    await Promise.all([ended(one, id), ended(two, id)])
    const kinds = new Set(two.told.map(([event]) => event))
    expect([...kinds].sort()).toEqual(expect.arrayContaining(['imageFinished', 'preview', 'runChanged']))
    const image = await two.api.readImage(id, 1)
    expect(Buffer.from(image)).toEqual(readFileSync(join(workspace, 'runs', id, 'images', '000001.png')))
    expect((await one.api.readRecord(id, 0)).codes.logProbabilities).toBeInstanceOf(Float32Array)
    one.socket.close()
    await one.closed
    expect(await two.api.listImages(id)).toHaveLength(2)
    two.socket.close()
  })

  it('an engine killed in the middle of a run loses no finished image', async () => {
    const page = await openPage(host)
    await withModels(page)
    const id = await page.api.startSample({ ...QUICK, count: 10_000 })
    await page.until(([event]) => event === 'imageFinished')
    process.kill(host.enginePid()!, 'SIGKILL')
    await page.closed
    await expect(page.api.snapshot()).rejects.toMatchObject({ name: 'ConnectionLost' })

    const next = await reconnect(host)
    const seen = page.told.flatMap((event) => (event[0] === 'imageFinished' ? [event[2].image] : []))
    const run = next.snapshot.runs.find((run) => run.id === id)!
    expect([run.status.state, run.request?.count]).toEqual(['cancelled', 10_000])
    expect(run.finished).toBeGreaterThanOrEqual(seen.length)
    for (const image of seen) expect((await next.api.readRecord(id, image)).codes.tokens).toHaveLength(256)
    const [, problem] = await next.until(([event]) => event === 'engineStopped')
    expect(problem).toMatchObject({ opensModels: true, message: expect.stringContaining('signal SIGKILL') })
    await withModels(next)
    await ended(next, await next.api.startSample({ ...QUICK, count: 1 }))
    next.socket.close()
  })

  it('models stay open after a crash while none is being opened or run', async () => {
    const page = await openPage(host)
    await withModels(page)
    // A page that hears nothing of models for a while, as the host does.
    await wait(1500)
    process.kill(host.enginePid()!, 'SIGKILL')
    await page.closed
    const next = await reconnect(host)
    expect(next.snapshot).not.toHaveProperty('held')
    await withModels(next)
    next.socket.close()
  })

  it('after a second crash during work the models stay closed until a page requests them', async () => {
    const page = await openPage(host)
    await withModels(page)
    await page.api.startSample({ ...QUICK, count: 10_000 })
    await page.until(([event]) => event === 'imageFinished')
    process.kill(host.enginePid()!, 'SIGKILL')
    await page.closed
    const next = await reconnect(host)
    expect(next.snapshot).toMatchObject({ held: expect.stringContaining('signal SIGKILL') })
    expect(next.snapshot).not.toHaveProperty('modelSet')
    await expect(next.api.startSample(QUICK)).rejects.toMatchObject({
      name: 'RequestError',
      call: 'startSample',
    })
    await next.api.reopenModels()
    await next.until(([event]) => event === 'modelSetChanged')
    await ended(next, await next.api.startSample({ ...QUICK, count: 1 }))
    next.socket.close()
  })

  it('the engine still answers after thousands of invalid messages', async () => {
    const pid = host.enginePid()
    await fuzzSocket(host, { messages: 2000, seed: 1 })
    const page = await openPage(host)
    expect((await page.api.snapshot()).app.name).toBe('digit-workbench')
    expect(host.enginePid()).toBe(pid)
    page.socket.close()
  })
})

it('digit web prints its address, answers requests, and exits cleanly on SIGTERM', async () => {
  const folder = join(temporary.path, 'served')
  const args = [BUILT.command, 'web', '--port', '0', '--workspace', folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()))
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  await vi.waitFor(() => expect(output.out).toContain('#token='), 60_000)
  const { port } = new URL(output.out.trim())
  expect((await ask({ port: Number(port) }, '/')).status).toBe(200)
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
})

it('reports that the page is not built before starting anything', async () => {
  const page = join(temporary.path, 'nowhere')
  const engine = { models: [], workspace }
  await expect(openWebHost({ port: 0, page, engineModule: BUILT.engine, engine })).rejects.toThrow(
    'run npm run build',
  )
})
