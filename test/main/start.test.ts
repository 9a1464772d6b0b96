// `npm start` on machines that lack something: the real script, in an installation of stand-ins.
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'

const VERSION = '45.4.1'
let root: string
const put = (name: string, text: string, mode = 0o644) => {
  const path = join(root, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}
/** A whole Electron whose program is this shell script. */
function putElectron(script: string) {
  put('node_modules/electron/dist/version', VERSION)
  put('node_modules/electron/dist/electron', `#!/bin/sh\n${script}\n`, 0o755)
  put('node_modules/electron/dist/chrome-sandbox', '')
  put('node_modules/electron/path.txt', 'electron')
}

beforeEach(() => {
  root = temporaryFolder().path
  cpSync('scripts/start.mjs', join(root, 'scripts/start.mjs'))
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
  readonly args?: readonly string[]
}

/** The script as this user, with a display where nothing else is said. */
function command({ env = {}, uid = 1000, args = [] }: Machine) {
  const asUser = `data:text/javascript,process.getuid=()=>${uid}`
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
  it('opens the window where everything is there, and names its own Node', () => {
    putElectron('echo "WINDOW $# $DIGIT_NODE"')
    const { stdout, status } = start({ args: ['models'] })
    expect([status, stdout.trim()]).toEqual([0, `WINDOW 2 ${process.execPath}`])
  })
  it('serves a browser without a display', () => {
    putElectron('echo WINDOW')
    expectBrowser(start({ env: { DISPLAY: '' } }), /there is no display/)
  })
  it('serves a browser as root, without fetching anything first', () => {
    const result = start({ uid: 0 })
    expectBrowser(result, /does not run as root; start it as another user/)
    expect(result.stderr).not.toContain('Fetching')
  })
  it('serves a browser without user namespaces, and says how to allow the sandbox', () => {
    putElectron('echo WINDOW')
    put('bin/unshare', '#!/bin/sh\nexit 1\n', 0o755)
    expectBrowser(start(), /sudo chown root:root '.*chrome-sandbox' && sudo chmod 4755 '.*chrome-sandbox'/)
  })
  it('serves a browser when Electron is killed at once', () => {
    putElectron('kill -TRAP $$')
    expectBrowser(start(), /terminated by SIGTRAP/)
  })
  it('serves a browser when Electron misses a library', () => {
    putElectron('echo "libnss3.so: cannot open" >&2; exit 127')
    expectBrowser(start(), /a system modelSet that Electron needs is missing/)
  })
  it('ends as the window does when that fails or is closed', () => {
    putElectron('exit 3')
    expect(start()).toMatchObject({ status: 3, stdout: '' })
  })
  it('takes a half-unpacked Electron for none, offline, and says what helps', () => {
    putElectron('echo WINDOW')
    rmSync(join(root, 'node_modules/electron/path.txt'))
    const half = start()
    expectBrowser(
      half,
      /could not be downloaded .*npx install-electron.*ELECTRON_MIRROR.*ELECTRON_OVERRIDE_DIST_PATH/,
    )
    expect(half.stderr).toContain('TypeError: fetch failed')
    putElectron('echo WINDOW')
    put('node_modules/electron/dist/version', '44.0.0')
    expectBrowser(start(), /could not be downloaded/)
  })
  it('fetches through the proxy that the environment names', () => {
    put('node_modules/electron/install.js', "console.error('USES', process.env.ELECTRON_GET_USE_PROXY)")
    expect(start().stderr).toContain('USES undefined')
    expect(start({ env: { https_proxy: 'http://proxy:1' } }).stderr).toContain('USES 1')
  })
  it('takes an Electron of one’s own', () => {
    put('own/electron', '#!/bin/sh\necho OWN\n', 0o755)
    const { stdout } = start({ env: { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'own') } })
    expect(stdout.trim()).toBe('OWN')
  })
  it('does not let an editor’s terminal make Electron a plain Node', () => {
    putElectron('echo "RUN_AS_NODE=$ELECTRON_RUN_AS_NODE"')
    expect(start({ env: { ELECTRON_RUN_AS_NODE: '1' } }).stdout.trim()).toBe('RUN_AS_NODE=')
  })
  it('with --desktop says why there is no window, and serves nothing', () => {
    const { status, stdout, stderr } = start({ env: { DISPLAY: '' }, args: ['--desktop'] })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/No desktop window: there is no display/)
  })
  it('installed without Electron says how to get it, and builds nothing', () => {
    rmSync(join(root, 'node_modules'), { recursive: true })
    rmSync(join(root, 'src'), { recursive: true })
    put('package.json', JSON.stringify({ type: 'module', devDependencies: { electron: VERSION } }))
    const { status, stderr } = start({ args: ['--desktop'] })
    expect([status, stderr]).toEqual([1, expect.stringContaining(`npm install --global electron@${VERSION}`)])
    expect(stderr).toContain('`digit web` serves')
  })
  it('gives a folder to the browser host as models', () => {
    const { stdout } = start({ args: ['--web', 'models'] })
    expect(stdout.trim()).toBe('SERVED web --model models')
  })
  it('passes a signal on and ends with the window, serving nothing', async () => {
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

it('says on an Intel Mac that there is no engine for it', () => {
  const { env } = command({})
  const asMac =
    'data:text/javascript,for(const[k,value]of[["platform","darwin"],["arch","x64"]])Object.defineProperty(process,k,{value})'
  const words = ['--import', asMac, join(root, 'scripts/start.mjs')]
  const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, expect.stringContaining('no binary for Intel Macs')])
})
