// The built shell against a double of Electron, with the real engine behind it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { parse } from 'yaml'
import { engineLog } from '../../src/main/engine-log.ts'
import { startEngine } from '../../src/main/engine.ts'
import { ownFolder } from '../../src/main/places.ts'
import { nodeEngine } from '../../src/main/node-engine.ts'
import { utilityEngine } from '../../src/main/utility-engine.ts'
import { BUILT } from '../built.ts'
import { QUICK } from '../quick-request.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import * as double from '../electron-double/electron.ts'
import { endEngine } from '../electron-double/end-engine.ts'
import { runPreload, type DesktopPage } from '../electron-double/preload.ts'
import { reachEngine } from '../electron-double/reach.ts'

vi.mock('electron', () => import('../electron-double/electron.ts'))

const { seen } = double
const workspace = temporaryFolder().path
let window: double.BrowserWindow
let page: DesktopPage
const MODULE = resolve('out/main/engine.js')

beforeAll(async () => {
  process.env.DIGIT_WORKSPACE = workspace
  const left = [{ call: 'resumeRun', args: ['removed'] }]
  writeFileSync(join(workspace, 'unfinished.json'), JSON.stringify({ schema: 1, calls: left }))
  await import(BUILT.shell)
  await vi.waitFor(() => expect(seen.menu).toBeDefined())
  window = seen.windows[0]!
  page = runPreload(window.options.webPreferences.preload as string, window)
})
afterAll(() => double.app.exit(0))

describe("Electron's security checklist", () => {
  const preferences = () => window.options.webPreferences
  const html = () => readFileSync('out/renderer/index.html', 'utf8')
  const fetched = (url: string, method = 'GET') => seen.protocols.get('app')!({ url, method })
  const policy = async () =>
    (await fetched('app://workbench/index.html')).headers.get('content-security-policy')!
  const builder = parse(readFileSync('electron-builder.yml', 'utf8')) as {
    electronFuses: Record<string, boolean>
    asarUnpack: string[]
  }
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const prevented = (name: string) => {
    const preventDefault = vi.fn()
    window.webContents.emit(name, { preventDefault }, 'https://evil.example')
    return preventDefault.mock.calls.length > 0
  }

  it('1 only our own content is loaded', async () => {
    expect(window.url).toBe('app://workbench/index.html')
    expect(await policy()).toMatch(/default-src 'none'.*connect-src 'self'/)
    expect(html()).not.toMatch(/(src|href)="https?:/)
  })
  it('2 no Node integration', () =>
    expect(preferences()).toMatchObject({
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
    }))
  it('3 context isolation', () => expect(preferences().contextIsolation).toBe(true))
  it('4 the sandbox, for every process', () =>
    expect([seen.sandboxed, preferences().sandbox]).toEqual([true, true]))
  it('5 permissions are refused', () => {
    const { request, check, device } = seen.permissions as Record<string, (...args: unknown[]) => unknown>
    const answers: unknown[] = []
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'openExternal',
      'hid',
      'clipboard-read',
    ]) {
      request!(null, permission, (allowed: boolean) => answers.push(allowed))
      answers.push(check!(null, permission), device!({}))
    }
    expect(new Set(answers)).toEqual(new Set([false]))
  })
  it('6 web security', () => expect(preferences().webSecurity).toBe(true))
  it('7 a content security policy', async () => {
    expect(await policy()).toContain("script-src 'self';")
    expect(await policy()).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|\*/)
  })
  it('8 no insecure content', () => expect(preferences().allowRunningInsecureContent).toBe(false))
  it('9 no experimental features', () => expect(preferences().experimentalFeatures).toBe(false))
  it('10 no Blink features', () => expect(preferences()).not.toHaveProperty('enableBlinkFeatures'))
  it('11, 12 no webview', () => {
    expect(preferences().webviewTag).toBe(false)
    expect(prevented('will-attach-webview')).toBe(true)
  })
  it('13 no navigation', () =>
    expect([prevented('will-navigate'), prevented('will-redirect')]).toEqual([true, true]))
  it('14 no new windows', () => expect(window.webContents.openHandler!()).toEqual({ action: 'deny' }))
  it('15 nothing is opened outside', () => {
    expect(readFileSync('out/main/index.js', 'utf8')).not.toContain('openExternal')
  })
  it('16 a current, pinned Electron', () =>
    expect(manifest.devDependencies.electron).toMatch(/^45\.\d+\.\d+$/))
  it('17 only calls of our own page are answered', async () => {
    const { webContents } = window
    const posted = vi.spyOn(webContents, 'postMessage')
    const strangers = [
      { sender: webContents, senderFrame: { origin: 'app://workbench' } },
      { sender: webContents, senderFrame: null },
      { sender: {}, senderFrame: webContents.mainFrame },
    ]
    for (const stranger of strangers) {
      double.ipcMain.emit('digit:port', stranger)
      for (const channel of ['digit:choose', 'digit:drop', 'digit:save-export', 'digit:show-export']) {
        const ask = double.ipcMain.handlers.get(channel)!
        await expect(ask(stranger as never, 'models' as never, [resolve('.')] as never)).rejects.toThrow(
          'request rejected',
        )
      }
    }
    expect(posted).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })
  it('18 a scheme of our own, whose addresses are not paths', async () => {
    expect(seen.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
    expect((await fetched('app://workbench/index.html')).status).toBe(200)
    for (const url of [
      'app://workbench/../main/index.js',
      'app://workbench/..%2fmain/index.js',
      'app://other/index.html',
    ])
      expect([url, (await fetched(url)).status]).toEqual([url, 404])
    expect((await fetched('app://workbench/index.html', 'POST')).status).toBe(404)
  })
  it('19 the fuses', () =>
    expect(builder.electronFuses).toEqual({
      runAsNode: false,
      // There are no cookies; on macOS their key would ask for the keychain.
      enableCookieEncryption: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    }))
  it('20 the page gets six functions and nothing of Electron', () => {
    expect(page.exposed).toEqual(['digit'])
    expect(Object.keys(page.digit)).toEqual([
      'requestPort',
      'onEngineTrouble',
      'choose',
      'drop',
      'saveExport',
      'showExport',
    ])
  })
})

describe('the window', () => {
  it('is recovered when its page crashes, and brought to the front by a second start', () => {
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 })
    expect(window.webContents.reloads).toBe(1)
    expect(seen.lockData).toEqual({ models: [] })
    window.minimized = true
    double.app.emit('second-instance', {}, [], '/', { models: [] })
    expect(window.done.slice(-3)).toEqual(['restore', 'show', 'focus'])
  })
  it('keeps its data in a separate folder', () =>
    expect(double.app.getPath('userData')).toBe(ownFolder(double.app.getPath('appData'), process.platform)))
})

describe('a page in the window', () => {
  it('is notified of the work that the last session left', async () => {
    const { events } = await page.reach()
    await vi.waitFor(() => expect(events).toContain('workResumed'), 60_000)
    expect(existsSync(join(workspace, 'unfinished.json'))).toBe(false)
  })

  it('samples over its own port, and over a new one after the engine crashed', async () => {
    const first = await page.reach()
    await vi.waitFor(async () => expect((await first.api.snapshot()).modelSet).toBeDefined(), 60_000)
    const id = await first.api.startSample({ ...QUICK, count: 1 })
    await vi.waitFor(async () => expect(await first.api.listImages(id)).toHaveLength(1), 60_000)
    expect(await first.api.readImage(id, 0)).toBeInstanceOf(Uint8Array)
    await vi.waitFor(async () => {
      const { runs } = await first.api.snapshot()
      expect(runs[0]!.status.state).toBe('done')
    }, 60_000)
    expect(first.events).toContain('preview')

    await endEngine()
    await first.closed
    const next = await page.reach()
    expect((await next.api.snapshot()).runs.map((run) => [run.id, run.status.state])).toEqual([[id, 'done']])
    expect(next.events).toContain('engineStopped')
  })

  it('opens the selected folder in addition to what is open, and remembers it', async () => {
    const { api, events } = await page.reach()
    expect(await page.digit.choose('models', 'folder')).toBe(false)
    seen.chosen = [resolve('resources/demo/data')]
    expect(await page.digit.choose('models', 'folder')).toBe(true)
    await vi.waitFor(() => expect(events).toContain('modelsOpened'))
    const names = async () => (await api.snapshot()).opened.sources.map(({ name }) => name)
    expect(await names()).toEqual(['Demo', 'data'])
    await endEngine()
    const next = await page.reach()
    await vi.waitFor(async () => expect((await next.api.snapshot()).modelSet).toBeDefined(), 60_000)
    expect((await next.api.snapshot()).opened.sources.map(({ name }) => name)).toEqual(['Demo', 'data'])
  })

  it('opens dropped files in place; refuses a file made by a script, which has no path', async () => {
    const { api } = await page.reach()
    const [models] = [resolve('resources/demo/models')]
    await page.digit.drop('models', [double.fileAt(models!)])
    const { opened } = await api.snapshot()
    expect(opened.sources.map(({ name }) => name)).toEqual(['Demo', 'data', 'models'])
    await expect(page.digit.drop('models', [new File(['x'], 'made.pt')])).rejects.toThrow(
      '1000 files or folders',
    )
    const own = { sender: window.webContents, senderFrame: window.webContents.mainFrame }
    const drop = double.ipcMain.handlers.get('digit:drop')!
    for (const paths of [['relative/path'], [7], 'no list', []])
      expect(await drop(own as never, 'models' as never, paths as never)).toEqual({
        error: 'dropped items: expected 1 to 1000 files or folders on this machine',
      })
    expect(await drop(own as never, 'sets' as never, [models] as never)).toEqual({
      error: 'sets: unknown purpose (expected models or images)',
    })
  })

  it('adds dropped images to the image sets', async () => {
    const { api, events } = await page.reach()
    await page.digit.drop('images', [double.fileAt(resolve('resources/demo/images'))])
    await vi.waitFor(() => expect(events).toContain('imageSetsChanged'))
    expect((await api.listImageSets()).map(({ name }) => name)).toEqual(['Demo pictures', 'images'])
    const nothing = page.digit.drop('images', [double.fileAt(resolve('resources/demo/data'))])
    await expect(nothing).rejects.toThrow('no images found in data')
  })

  it('copies an export to the selected folder, and overwrites files only with permission', async () => {
    const { api } = await page.reach()
    const folder = temporaryFolder().path
    const chart = {
      kind: 'chart',
      x: { label: 'x' },
      y: { label: 'y' },
      series: [{ label: 'a', points: [[0, 1]] }],
    }
    const figure = await api.createFigure('curve', JSON.stringify({ schema: 1, rows: [[chart]] }))
    const target = { kind: 'figure', figure } as const
    seen.chosen = [folder]
    await expect(page.digit.saveExport(target)).rejects.toThrow('nothing has been exported yet')
    await api.startExport(target, { zip: false, replace: false })
    await vi.waitFor(async () => expect((await api.readExport(target)).status?.state).toBe('done'), 30_000)
    expect(await page.digit.saveExport(target)).toBe(true)
    expect(seen.shown).toEqual([resolve(folder, 'curve')])
    expect(readFileSync(resolve(folder, 'curve/curve.pdf'), 'latin1')).toMatch(/^%PDF-/)
    writeFileSync(resolve(folder, 'curve/curve.pdf'), 'mine')
    seen.pressed = 1
    expect(await page.digit.saveExport(target)).toBe(false)
    expect(seen.asked).toEqual([`${resolve(folder, 'curve')}: already exists`])
    expect(readFileSync(resolve(folder, 'curve/curve.pdf'), 'utf8')).toBe('mine')
    seen.pressed = 0
    expect(await page.digit.saveExport(target)).toBe(true)
    expect(readFileSync(resolve(folder, 'curve/curve.pdf'), 'latin1')).toMatch(/^%PDF-/)
    await page.digit.showExport(target)
    expect(seen.shown.at(-1)).toBe(resolve(workspace, 'figures/curve'))
    await expect(page.digit.showExport({ kind: 'figure', figure: '../x' })).rejects.toThrow(
      'not a valid figure name',
    )
  })

  it('reports problems without the prefix of Electron', async () => {
    const drop = page.digit.drop('images', [double.fileAt(resolve('resources/demo/data'))])
    const error = await drop.catch((error: Error) => error)
    expect((error as Error).message).toMatch(/^(?!Error invoking).*data/)
    expect((error as Error).message).not.toMatch(/digit:drop|RequestError/)
  })

  it('reports why models selected in the menu cannot be opened', async () => {
    const menus = seen.menu as { label?: string; submenu: { click(): void }[] }[]
    const [item] = menus.find(({ label }) => label === 'File')!.submenu
    const { path: empty } = temporaryFolder()
    for (const [chosen, why] of [
      [resolve(empty, 'gone'), /gone: no such file or folder$/],
      [empty, /: no models found/],
    ] as const) {
      seen.chosen = [chosen]
      seen.asked.length = 0
      item!.click()
      await vi.waitFor(() => expect(seen.asked).toEqual(['The models cannot be opened']), 10_000)
      expect(seen.details.at(-1)).toMatch(why)
    }
  })

  it('asks before quitting with open work, which resumes at the next start', async () => {
    const { api } = await page.reach()
    await vi.waitFor(async () => expect((await api.snapshot()).modelSet).toBeDefined(), 60_000)
    seen.asked.length = 0
    const id = await api.startSample({ ...QUICK, count: 400 })
    seen.pressed = 1
    window.close()
    await vi.waitFor(() => expect(seen.asked).toEqual(['Work is not finished. Quit all the same?']), 10_000)
    double.app.quit()
    await vi.waitFor(() => expect(seen.asked).toHaveLength(2), 10_000)
    expect([window.isDestroyed(), seen.exitCode]).toEqual([false, undefined])
    await vi.waitFor(async () => expect(await api.listImages(id)).not.toHaveLength(0), 60_000)
    seen.pressed = 0
    window.close()
    await vi.waitFor(() => expect(seen.exitCode).toBe(0), 30_000)

    const log = engineLog(join(temporaryFolder().path, 'engine.log'))
    const program = { node: process.execPath, module: MODULE, environment: process.env }
    const begin = process.platform === 'linux' ? nodeEngine(program) : utilityEngine(MODULE)
    const next = startEngine(begin, { models: [], resumesWork: true }, { log, cannotStart: () => {} })
    onTestFinished(() => next.stop())
    const reached = await reachEngine(next)
    await vi.waitFor(
      () => expect(reached.told).toContainEqual(['workResumed', { resumed: 1, problems: [] }]),
      60_000,
    )
    await vi.waitFor(async () => {
      const run = (await reached.api.snapshot()).runs.find((run) => run.id === id)
      expect(run?.status.state).toBe('running')
    }, 60_000)
    // A page that comes a little later is told as well.
    const late = await reachEngine(next)
    await vi.waitFor(() => expect(late.told.map(([name]) => name)).toContain('workResumed'))
  })
})
