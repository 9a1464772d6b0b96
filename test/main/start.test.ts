// `npm start` on machines that lack something: the real script, in an installation of stand-ins.
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { VC_RUNTIME } from '../../scripts/start/vc-runtime.mjs'
import { temporaryFolder } from '../temporary-folder.ts'

const ELECTRON = resolve('node_modules/electron')
const VERSION = (JSON.parse(readFileSync(join(ELECTRON, 'package.json'), 'utf8')) as { version: string })
  .version
let root: string
const put = (name: string, text: string, mode = 0o644) => {
  const path = join(root, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}
/** A whole Electron whose program is this shell script. */
function putElectron(script: string, program = 'electron') {
  put('node_modules/electron/dist/version', VERSION)
  put(`node_modules/electron/dist/${program}`, `#!/bin/sh\n${script}\n`, 0o755)
  put('node_modules/electron/dist/chrome-sandbox', '')
  put('node_modules/electron/path.txt', program)
}

beforeEach(() => {
  root = temporaryFolder().path
  for (const name of ['start.mjs', 'root.mjs']) cpSync(join('scripts', name), join(root, 'scripts', name))
  cpSync('scripts/start', join(root, 'scripts/start'), { recursive: true })
  put('package.json', '{"type":"module"}')
  put('src/source.ts', '')
  put('node_modules/electron/package.json', JSON.stringify({ name: 'electron', version: VERSION }))
  put('node_modules/electron/install.js', "console.error('TypeError: fetch failed'); process.exit(1)")
  put('bin/unshare', '#!/bin/sh\nexit 0\n', 0o755)
  const build = ['out/src/engine/api/process.js', 'out/main/index.js', 'out/renderer/index.html']
  for (const name of build) put(name, '')
  put('out/src/cli/digit.js', "console.log('SERVED', ...process.argv.slice(2))")
})

interface Machine {
  readonly env?: Readonly<Record<string, string>>
  /** Number of the user. */
  readonly uid?: number
  /** What Node says of the machine, where it is not this one. */
  readonly platform?: string
  readonly arch?: string
  readonly args?: readonly string[]
}

/** The script as this user, with a display where nothing else is said. */
function command({ env = {}, uid = 1000, args = [], platform, arch }: Machine) {
  const { getuid } = process
  const told = { ...(platform ? { platform } : {}), ...(arch ? { arch } : {}) }
  const asUser =
    `data:text/javascript,${uid === getuid?.() ? '' : `process.getuid=()=>${uid};`}` +
    `for(const[k,value]of Object.entries(${encodeURIComponent(JSON.stringify(told))}))Object.defineProperty(process,k,{value})`
  const { PATH, HOME = root } = process.env
  return {
    words: ['--import', asUser, join(root, 'scripts/start.mjs'), ...args],
    env: { PATH: `${join(root, 'bin')}:${PATH}`, HOME, DISPLAY: ':7', ...env },
  }
}
function start(machine: Machine = {}): SpawnSyncReturns<string> {
  const { words, env } = command(machine)
  return spawnSync(process.execPath, words, { env, encoding: 'utf8', timeout: 60_000 })
}
/** The workbench was served, after one line that says why and what to do. */
function expectBrowser({ status, stdout, stderr }: SpawnSyncReturns<string>, why: RegExp) {
  expect([status, stdout.trim()], stderr).toEqual([0, 'SERVED web'])
  const lines = stderr.split('\n').filter((line) => line.startsWith('No desktop window'))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(why)
}

const LINUX = process.platform === 'linux'
describe.runIf(LINUX)('npm start (checked on Linux)', () => {
  it('opens the window if everything is installed, and passes on the path of Node', () => {
    putElectron('echo "WINDOW $# $DIGIT_NODE"')
    const { stdout, status } = start({ args: ['models'] })
    expect([status, stdout.trim()]).toEqual([0, `WINDOW 2 ${process.execPath}`])
  })
  it('serves a browser without a display', () => {
    putElectron('echo WINDOW')
    const why = /there is no display; for a window start it in a desktop session, or set DISPLAY/
    expectBrowser(start({ env: { DISPLAY: '' } }), why)
  })
  it('serves a browser as root, without downloading anything first', () => {
    const result = start({ uid: 0 })
    expectBrowser(result, /does not run as root; start it as another user/)
    expect(result.stderr).not.toContain('fetch failed')
  })
  it('serves a browser without user namespaces, and explains how to allow the sandbox', () => {
    putElectron('echo WINDOW')
    put('bin/unshare', '#!/bin/sh\nexit 1\n', 0o755)
    expectBrowser(start(), /sudo chown root:root '.*chrome-sandbox' && sudo chmod 4755 '.*chrome-sandbox'/)
  })
  it('serves a browser when Electron is killed at once', () => {
    putElectron('kill -TRAP $$')
    expectBrowser(start(), /terminated by SIGTRAP/)
  })
  it('serves a browser when Electron lacks a system library', () => {
    putElectron('echo "libnss3.so: cannot open" >&2; exit 127')
    expectBrowser(start(), /a system library that Electron needs is missing; install it/)
  })
  it('exits with the exit code of the window', () => {
    putElectron('exit 3')
    expect(start()).toMatchObject({ status: 3, stdout: '' })
  })
  it('downloads Electron again if it is only partly unpacked', () => {
    const whole = () => putElectron('echo WINDOW')
    const install = `
      import { writeFileSync } from 'node:fs'
      for (const [name, text] of [['dist/version', '${VERSION}'], ['path.txt', 'electron']])
        writeFileSync(new URL(name, import.meta.url), text)`
    for (const half of [
      () => rmSync(join(root, 'node_modules/electron/path.txt')),
      () => rmSync(join(root, 'node_modules/electron/dist/version')),
      () => put('node_modules/electron/dist/version', '44.0.0'),
    ]) {
      whole()
      half()
      expectBrowser(start(), /could not be downloaded/)
    }
    put('node_modules/electron/install.mjs', install)
    put('node_modules/electron/install.js', "import('./install.mjs')")
    expect(start().stdout.trim()).toBe('WINDOW')
  })
  it.runIf(existsSync(join(ELECTRON, 'install.js')))(
    'serves a browser offline with a partly unpacked Electron, after the reason of its installer',
    () => {
      putElectron('echo WINDOW')
      rmSync(join(root, 'node_modules/electron/path.txt'))
      for (const name of ['install.js', 'checksums.json'])
        cpSync(join(ELECTRON, name), join(root, 'node_modules/electron', name))
      symlinkSync(resolve('node_modules/@electron'), join(root, 'node_modules/@electron'))
      // Nobody listens there.
      const env = { ELECTRON_MIRROR: 'http://127.0.0.1:9/', electron_config_cache: join(root, 'cache') }
      const result = start({ env })
      expectBrowser(
        result,
        /could not be downloaded .*npx install-electron.*ELECTRON_MIRROR.*ELECTRON_OVERRIDE_DIST_PATH/,
      )
      expect(result.stderr).toContain('Downloading Electron')
      expect(result.stderr).toContain('TypeError: fetch failed')
    },
  )
  it('downloads through the proxy of the environment', () => {
    put('node_modules/electron/install.js', "console.error('USES', process.env.ELECTRON_GET_USE_PROXY)")
    expect(start().stderr).toContain('USES undefined')
    expect(start({ env: { https_proxy: 'http://proxy:1' } }).stderr).toContain('USES 1')
  })
  it('uses the Electron of ELECTRON_OVERRIDE_DIST_PATH', () => {
    put('own/electron', '#!/bin/sh\necho OWN\n', 0o755)
    const { stdout } = start({ env: { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'own') } })
    expect(stdout.trim()).toBe('OWN')
  })
  it('ignores ELECTRON_RUN_AS_NODE, which terminals of editors set', () => {
    putElectron('echo "RUN_AS_NODE=$ELECTRON_RUN_AS_NODE"')
    expect(start({ env: { ELECTRON_RUN_AS_NODE: '1' } }).stdout.trim()).toBe('RUN_AS_NODE=')
  })
  it('with --desktop, reports why there is no window, and serves nothing', () => {
    const { status, stdout, stderr } = start({ env: { DISPLAY: '' }, args: ['--desktop'] })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/No desktop window: there is no display/)
  })
  it('installed without Electron, explains how to install it, and builds nothing', () => {
    rmSync(join(root, 'node_modules'), { recursive: true })
    rmSync(join(root, 'src'), { recursive: true })
    put('package.json', JSON.stringify({ type: 'module', devDependencies: { electron: VERSION } }))
    const { status, stderr } = start({ args: ['--desktop'] })
    expect([status, stderr]).toEqual([1, expect.stringContaining(`npm install --global electron@${VERSION}`)])
    expect(stderr).toContain('`digit web` serves')
  })
  it('passes a folder to the browser host as models', () => {
    const { stdout } = start({ args: ['--web', 'models'] })
    expect(stdout.trim()).toBe('SERVED web --model models')
  })
  it('passes on a signal and exits with the window, serving nothing', async () => {
    putElectron('trap "exit 5" TERM; echo READY; while :; do sleep 0.05; done')
    const { words, env } = command({})
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (text) => {
      out += text
      if (out.includes('READY')) child.kill('SIGTERM')
    })
    expect(await once(child, 'exit')).toEqual([5, null])
    expect(out.trim()).toBe('READY')
  })
})

it('reports on an Intel Mac that there is no engine for it', () => {
  const { status, stderr } = start({ platform: 'darwin', arch: 'x64' })
  expect([status, stderr]).toEqual([1, expect.stringContaining('no binary for Intel Macs')])
})

describe.runIf(LINUX)('npm start on Windows (simulated on Linux)', () => {
  const binding = 'node_modules/onnxruntime-node/bin/napi-v6/win32/x64/onnxruntime_binding.node'
  const windows = (more: Machine = {}) => ({
    platform: 'win32',
    arch: 'x64',
    ...more,
    env: { SystemRoot: join(root, 'windows'), ...more.env },
  })
  beforeEach(() => {
    putElectron('echo WINDOW', 'electron.exe')
    put('node_modules/onnxruntime-node/package.json', '{"name":"onnxruntime-node"}')
    put(binding, 'needs msvcp140.dll')
    for (const name of VC_RUNTIME) put(`windows/System32/${name}`, '')
  })

  it('reports a missing Visual C++ runtime, with its address, instead of starting without an engine', () => {
    expect(start(windows()).stdout.trim()).toBe('WINDOW')
    rmSync(join(root, 'windows/System32/msvcp140.dll'))
    for (const args of [[], ['--web']])
      expect(start(windows({ args }))).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^The workbench cannot run here: msvcp140\.dll: missing; install .*https:\/\/aka\.ms\/vs\/17\/release\/vc_redist\.x64\.exe/,
        ) as string,
      })
  })
  const loadable = resolve('node_modules/@rolldown/binding-linux-x64-gnu/rolldown-binding.linux-x64-gnu.node')
  it.runIf(process.arch === 'x64')('starts if the runtime is elsewhere and the binding loads', () => {
    rmSync(join(root, 'windows'), { recursive: true })
    rmSync(join(root, binding))
    symlinkSync(loadable, join(root, binding))
    expect(start(windows()).stdout.trim()).toBe('WINDOW')
  })
  it('leaves Ctrl-C to the window, which receives it directly', async () => {
    putElectron('trap "exit 5" INT; echo READY; sleep 1; exit 6', 'electron.exe')
    const { words, env } = command(windows())
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.on('data', () => child.kill('SIGINT'))
    expect(await once(child, 'exit')).toEqual([6, null])
  })
})
