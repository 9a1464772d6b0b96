// The window when something breaks: its page, its load, a second start, paths on the command line, folders of 0.1.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openedPaths } from '../../src/main/opened-paths.ts'
import { recoverPage } from '../../src/main/page-recovery.ts'
import { askBeforeQuitting } from '../../src/main/quit.ts'
import { moveOwnData, nodeProgram, ownFolder } from '../../src/main/places.ts'
import { isFirstStart, welcomeSecondStarts } from '../../src/main/second-start.ts'
import { openWindow } from '../../src/main/window.ts'
import * as double from '../electron-double/electron.ts'
import { temporaryFolder } from '../temporary-folder.ts'

vi.mock('electron', () => import('../electron-double/electron.ts'))

const { seen } = double
const doubleOf = (window: unknown) => window as double.BrowserWindow
const open = (failed: (problem: Error) => void = () => {}) => {
  const window = openWindow({ preload: '/preload.cjs' }, failed)
  return { window, page: doubleOf(window).webContents, done: doubleOf(window).done }
}
beforeEach(() => {
  seen.asked.length = 0
  seen.pressed = 0
  seen.exitCode = undefined
})

describe('a page whose process crashes', () => {
  const gone = { reason: 'crashed', exitCode: 139 }
  it('is reloaded once automatically, then only on request', async () => {
    const { window, page } = open()
    let now = 0
    recoverPage(window, () => now)
    page.emit('render-process-gone', {}, gone)
    expect([page.reloads, seen.asked]).toEqual([1, []])
    now = 10_000
    page.emit('render-process-gone', {}, gone)
    expect(page.reloads).toBe(1)
    await vi.waitFor(() => expect(page.reloads).toBe(2))
    expect(seen.asked).toEqual(['The page of the workbench ended again'])
    expect(seen.details.at(-1)).toContain('crashed, exit code 139')
    now = 200_000
    page.emit('render-process-gone', {}, gone)
    expect([page.reloads, seen.asked.length]).toEqual([3, 1])
    now += 1
    seen.pressed = 1
    page.emit('render-process-gone', {}, gone)
    await vi.waitFor(() => expect(seen.exitCode).toBe(0))
  })
  it('is not reloaded after a clean exit', () => {
    const { window, page } = open()
    recoverPage(window)
    page.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 })
    expect(page.reloads).toBe(0)
  })
  it('is reported once while it does not respond', async () => {
    const { window, page } = open()
    recoverPage(window)
    seen.pressed = 1
    window.emit('unresponsive')
    window.emit('unresponsive')
    await vi.waitFor(() => expect(page.reloads).toBeGreaterThan(0))
    expect(seen.asked).toEqual(['The page of the workbench does not answer'])
  })
})

describe('a page that cannot be loaded', () => {
  it('ends the start with the reason', () => {
    const failed = vi.fn()
    const { page } = open(failed)
    page.emit('did-fail-load', {}, -3, 'ERR_ABORTED', 'app://workbench/index.html', true)
    page.emit('did-fail-load', {}, -2, 'ERR_FAILED', 'app://workbench/frame', false)
    expect(failed).not.toHaveBeenCalled()
    page.emit('did-fail-load', {}, -6, 'ERR_FILE_NOT_FOUND', 'app://workbench/index.html', true)
    page.emit('preload-error', {}, '/preload.cjs', new Error('no module fs'))
    expect(failed.mock.calls.map(([{ message }]) => message)).toEqual([
      'app://workbench/index.html: ERR_FILE_NOT_FOUND (-6)',
      '/preload.cjs: no module fs',
    ])
  })
  it('is shown after five seconds even if it is not ready', () => {
    vi.useFakeTimers()
    const late = open()
    const ready = open()
    ready.window.emit('ready-to-show')
    expect([late.done, ready.done]).toEqual([[], ['show']])
    vi.advanceTimersByTime(5000)
    expect([late.done, ready.done]).toEqual([['show'], ['show']])
    vi.useRealTimers()
  })
})

describe('a second start', () => {
  const engine = { add: vi.fn(async () => {}) }
  it('brings the window to the front and opens the given paths there', async () => {
    expect(isFirstStart(['/models'])).toBe(true)
    expect(seen.lockData).toEqual({ models: ['/models'] })
    const { window, done } = open()
    doubleOf(window).minimized = true
    welcomeSecondStarts(window, engine as never)
    double.app.emit('second-instance', {}, [], '/', seen.lockData)
    expect(done).toEqual(['restore', 'show', 'focus'])
    expect(engine.add.mock.calls).toEqual([['models', ['/models']]])
    for (const odd of [undefined, null, {}, { models: 7 }, { models: [7] }])
      double.app.emit('second-instance', {}, [], '/', odd)
    expect(engine.add).toHaveBeenCalledTimes(1)
    engine.add.mockRejectedValueOnce(new Error('no models in x'))
    double.app.emit('second-instance', {}, [], '/', { models: ['/x'] })
    await vi.waitFor(() => expect(seen.asked).toEqual(['The models cannot be opened']))
    expect(seen.details.at(-1)).toBe('no models in x')
    double.app.removeAllListeners('second-instance')
  })
})

describe('quitting', () => {
  const NEVER = new Promise<never>(() => {})
  /** A window over an engine with so many open jobs; `left` counts how often it was to leave them. */
  function working({ jobs, leave = async () => {} }: { jobs: number; leave?: () => Promise<void> }) {
    const { window } = open()
    const leaveWork = vi.fn(leave)
    const host = { openWork: async () => jobs, leaveWork }
    const engine = { host: () => host }
    const before = new Set(process.listeners('SIGTERM'))
    askBeforeQuitting(window, engine as never)
    const terminate = process.listeners('SIGTERM').find((listener) => !before.has(listener))!
    return { window: doubleOf(window), host, leaveWork, terminate: () => terminate('SIGTERM') }
  }
  const quits = () => vi.waitFor(() => expect(seen.exitCode).toBe(0))
  afterEach(() => {
    vi.useRealTimers()
    for (const window of double.BrowserWindow.getAllWindows()) window.destroy()
    double.app.emit('quit')
    double.powerMonitor.removeAllListeners()
  })

  it('needs no confirmation without open work or without an engine', async () => {
    const { window, host } = working({ jobs: 0 })
    host.openWork = async () => Promise.reject(new Error('gone'))
    window.close()
    await quits()
    expect(seen.asked).toEqual([])
  })
  it('needs confirmation with open work, which is saved for the next start before the window closes', async () => {
    let left = () => {}
    const { window, leaveWork } = working({
      jobs: 2,
      leave: () => new Promise<void>((resolve) => (left = resolve)),
    })
    seen.pressed = 1
    window.close()
    window.close()
    await vi.waitFor(() => expect(seen.asked).toEqual(['Work is not finished. Quit all the same?']))
    expect(seen.details.at(-1)).toBe('What is finished is kept. The rest resumes at the next start.')
    await vi.waitFor(() => expect(leaveWork).not.toHaveBeenCalled())
    seen.pressed = 0
    window.close()
    await vi.waitFor(() => expect(leaveWork).toHaveBeenCalledTimes(1))
    expect([window.isDestroyed(), seen.exitCode]).toEqual([false, undefined])
    left()
    await quits()
  })
  it('waits a few seconds for an engine that does not respond', async () => {
    vi.useFakeTimers()
    const { window, host } = working({ jobs: 1, leave: () => NEVER })
    host.openWork = () => NEVER
    window.close()
    await vi.advanceTimersByTimeAsync(2000)
    expect([seen.asked.length, seen.exitCode]).toEqual([1, undefined])
    await vi.advanceTimersByTimeAsync(5000)
    expect(seen.exitCode).toBe(0)
  })
  it('by a signal needs no confirmation, and saves the work once', async () => {
    const { leaveWork, terminate } = working({ jobs: 1 })
    terminate()
    terminate()
    await quits()
    expect([seen.asked, leaveWork.mock.calls.length]).toEqual([[], 1])
  })
  it('at the end of the session needs no confirmation, and delays the system', async () => {
    const { leaveWork } = working({ jobs: 1 })
    const preventDefault = vi.fn()
    double.powerMonitor.emit('shutdown', { preventDefault })
    await quits()
    expect([seen.asked, leaveWork.mock.calls.length, preventDefault.mock.calls.length]).toEqual([[], 1, 1])
  })
})

describe('paths on the command line', () => {
  const folder = temporaryFolder().path
  mkdirSync(join(folder, 'app'))
  for (const name of ['models', 'others']) mkdirSync(join(folder, name))
  const appPath = join(folder, 'app')
  const paths = (argv: readonly string[], isPackaged = false) =>
    openedPaths({ argv: ['/electron', ...argv], appPath, isPackaged, folder })
  const models = join(folder, 'models')

  it('are those after the application, whatever comes before it', () => {
    expect(paths([appPath])).toEqual([])
    expect(paths(['app', 'models', 'others'])).toEqual([models, join(folder, 'others')])
    // As Playwright starts it.
    expect(
      paths(['--inspect=0', '--remote-debugging-port=0', appPath, '--user-data-dir=/x', 'models']),
    ).toEqual([models])
    expect(paths(['--no-sandbox', 'app'])).toEqual([])
    expect(paths(['app', 'models', 'app'])).toEqual([models, appPath])
  })
  it('are all arguments of an installed application, except flags and missing paths', () => {
    expect(paths(['--no-sandbox', models, 'missing'], true)).toEqual([models])
  })
})

describe('places', () => {
  it('the Node that runs the engine is found', () => {
    const packaged = {
      built: '/opt/x/resources/app.asar/out/main',
      isPackaged: true,
      resources: '/opt/x/resources',
      environment: { NODE_OPTIONS: '--inspect', DIGIT_NODE: '/other', ELECTRON_RUN_AS_NODE: '1', HOME: '/h' },
    }
    expect(nodeProgram(packaged)).toEqual({
      node: join('/opt/x/resources/node'),
      module: join('/opt/x/resources/app.asar.unpacked/out/main/engine.js'),
      environment: { DIGIT_NODE: '/other', HOME: '/h' },
    })
    const source = { built: '/repo/out/main', isPackaged: false, resources: '/e' }
    const of = (environment: Record<string, string>) => nodeProgram({ ...source, environment })
    expect(of({ DIGIT_NODE: '/n', NODE_OPTIONS: '-x' })).toMatchObject({
      node: '/n',
      environment: { NODE_OPTIONS: '-x' },
    })
    expect([of({ npm_node_execpath: '/m' }).node, of({}).node]).toEqual(['/m', 'node'])
  })
  it('Electron’s own data is stored apart from the workspace, and keeps what the window of 0.1 remembered', () => {
    const data = temporaryFolder().path
    const workspace = join(data, 'digit-workbench')
    expect(ownFolder(data, 'linux')).toBe(workspace)
    const own = ownFolder(data, 'darwin')
    expect(own).not.toBe(workspace)
    for (const name of ['Local Storage', 'runs', 'Cache'])
      mkdirSync(join(workspace, name), { recursive: true })
    writeFileSync(join(workspace, 'Local Storage/theme'), 'dark')
    moveOwnData(workspace, own)
    expect(readFileSync(join(own, 'Local Storage/theme'), 'utf8')).toBe('dark')
    expect(['runs', 'Cache', 'Local Storage'].map((name) => existsSync(join(workspace, name)))).toEqual([
      true,
      true,
      false,
    ])
    mkdirSync(join(workspace, 'Local Storage'))
    moveOwnData(workspace, own)
    expect(existsSync(join(own, 'Local Storage/theme'))).toBe(true)
  })
})
