// Engines that end, of both kinds: what is kept of their words, who is told, and when a page has one again.
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EngineTrouble } from '../../src/shared/contract/desktop.ts'
import { causeIn, engineLog } from '../../src/main/engine-log.ts'
import { startEngine, type DesktopEngine } from '../../src/main/engine.ts'
import { nodeEngine } from '../../src/main/node-engine.ts'
import { utilityEngine } from '../../src/main/utility-engine.ts'
import * as double from '../electron-double/electron.ts'
import { endEngine, nodeEngines } from '../electron-double/end-engine.ts'
import { reachEngine } from '../electron-double/reach.ts'
import { QUICK } from '../quick-request.ts'
import { temporaryFolder } from '../temporary-folder.ts'

vi.mock('electron', () => import('../electron-double/electron.ts'))

const node = (module: string) => nodeEngine({ node: process.execPath, module, environment: process.env })
const KINDS = { 'a plain Node': node, 'a utility process': utilityEngine }

let folder: string
let engine: DesktopEngine | undefined
let troubles: (EngineTrouble | null)[]
const page = () => new double.BrowserWindow({ webPreferences: {} }).webContents
const module = (text: string) => {
  const path = join(folder, 'engine.mjs')
  writeFileSync(path, text)
  return path
}
function begin(kind: keyof typeof KINDS, path: string) {
  const log = engineLog(join(folder, 'logs/engine.log'))
  const cannotStart = vi.fn()
  engine = startEngine(KINDS[kind](path), { models: [] }, { log, cannotStart })
  const contents = page()
  contents.posted.on('digit:engine-trouble', (_event, told: EngineTrouble | null) => troubles.push(told))
  engine.joinPage(contents as never)
  return { cannotStart, log }
}
beforeEach(() => {
  folder = temporaryFolder().path
  troubles = []
})
afterEach(() => engine?.stop())

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('an engine in %s', (kind) => {
  it('that cannot be loaded reports why: on the page, in the log, and after the second crash in a dialog', async () => {
    const path = module("throw new Error('libvips.so.42: cannot open shared object file')")
    const { cannotStart, log } = begin(kind, path)
    await vi.waitFor(() => expect(troubles).toHaveLength(1), 20_000)
    expect(troubles[0]!.message).toBe('exit code 1: Error: libvips.so.42: cannot open shared object file')
    expect(troubles[0]!.lines.join('\n')).toContain('libvips.so.42')
    expect(troubles[0]!.log).toBe(log.path)
    expect(cannotStart).not.toHaveBeenCalled()
    await vi.waitFor(() => expect(troubles).toHaveLength(3), 20_000)
    expect(cannotStart.mock.calls).toEqual([[troubles[1]]])
    expect(readFileSync(log.path, 'utf8').match(/libvips\.so\.42/g)!.length).toBeGreaterThanOrEqual(3)
  })
})

it('a missing program is reported', async () => {
  const log = engineLog(join(folder, 'logs/engine.log'))
  const begin = nodeEngine({ node: join(folder, 'no-node'), module: 'x', environment: process.env })
  const told: EngineTrouble[] = []
  engine = startEngine(begin, { models: [] }, { log, cannotStart: (trouble) => told.push(trouble) })
  await vi.waitFor(() => expect(told).toHaveLength(1), 20_000)
  expect(told[0]!.message).toMatch(/no-node ENOENT/)
})

it('a problem is cleared when the next engine responds', async () => {
  const path = module("throw new Error('not yet')")
  const { cannotStart } = begin('a utility process', path)
  await vi.waitFor(() => expect(troubles).toHaveLength(1), 20_000)
  module("process.parentPort.postMessage({ line: 0, message: { event: 'loaded', args: [] } })")
  await vi.waitFor(() => expect(troubles.at(-1)).toBeNull(), 20_000)
  expect(cannotStart).not.toHaveBeenCalled()
})

it('a fatal error of V8 is reported as the reason, and does not crash the shell', async () => {
  begin(
    'a utility process',
    module('setInterval(() => {}, 1000); process.parentPort.on("message", () => {})'),
  )
  const child = double.seen.engines.at(-1)!
  child.emit('error', 'FatalError', 'v8::Isolate::Allocate', '{}')
  await child.worker.terminate()
  await vi.waitFor(() => expect(troubles).toHaveLength(1), 20_000)
  expect(troubles[0]!.message).toContain('FatalError in v8::Isolate::Allocate')
})

it.runIf(process.platform === 'linux')(
  'an engine in a plain Node does not receive the Ctrl-C of a terminal, and ends with the window (checked on Linux)',
  async () => {
    begin('a plain Node', resolve('out/main/engine.js'))
    const child = nodeEngines().at(-1)!
    // Fields 4 and 5 of proc(5), after the name in brackets: the parent and the process group.
    const [, parent, group] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    expect([parent, group]).toEqual([String(process.pid), String(child.pid)])
    await reachEngine(engine!)
    const ended = once(child, 'exit')
    ;(child.stdio[3] as Duplex).destroy()
    expect(await ended).toEqual([0, null])
  },
)

it('the built engine samples as a utility process, and again after a crash', async () => {
  process.env.DIGIT_WORKSPACE = join(folder, 'workspace')
  begin('a utility process', resolve('out/main/engine.js'))
  const { api } = await reachEngine(engine!)
  await vi.waitFor(async () => expect((await api.snapshot()).modelSet).toBeDefined(), 60_000)
  const id = await api.startSample({ ...QUICK, count: 1 })
  await vi.waitFor(async () => expect(await api.listImages(id)).toHaveLength(1), 60_000)
  expect(await api.readImage(id, 0)).toBeInstanceOf(Uint8Array)
  await endEngine()
  const next = await reachEngine(engine!)
  expect(await next.api.listImages(id)).toHaveLength(1)
})

it('the log keeps the previous session, has a maximum size, and tolerates a read-only folder', () => {
  const path = join(folder, 'logs/engine.log')
  engineLog(path).add('first\n')
  const mirrored: string[] = []
  const log = engineLog(path, (text) => mirrored.push(text))
  log.begin()
  log.add('Warning: a\nhalf a')
  log.add(' line\n')
  expect(readFileSync(`${path}.before`, 'utf8')).toBe('first\n')
  expect(log.lastLines()).toEqual(['Warning: a', 'half a line'])
  expect(mirrored.join('')).toBe('Warning: a\nhalf a line\n')
  log.begin()
  expect(log.lastLines()).toEqual([])
  for (let i = 0; i < 20; i++) log.add('x'.repeat(2 ** 20))
  expect(readFileSync(path).length).toBeLessThan(10 * 2 ** 20)
  expect(log.lastLines()[0]!.length).toBeLessThanOrEqual(300)
  writeFileSync(join(folder, 'file'), '')
  const broken = engineLog(join(folder, 'file/engine.log'))
  broken.add('still kept in mind\n')
  expect(broken.lastLines()).toEqual(['still kept in mind'])
  expect(existsSync(broken.path)).toBe(false)
})

it('the cause is the first error that was printed, or the last line', () => {
  expect(causeIn(['a.mjs:1', 'throw x', 'TypeError: x is not y', '    at z', 'Error: later'])).toBe(
    'TypeError: x is not y',
  )
  expect(causeIn(['Error [ERR_DLOPEN_FAILED]: no'])).toBe('Error [ERR_DLOPEN_FAILED]: no')
  expect(causeIn(['terminate called', 'Aborted'])).toBe('Aborted')
  expect(causeIn([])).toBeUndefined()
})
