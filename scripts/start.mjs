// `npm start`: the desktop window where Electron's binary and a display exist; elsewhere it says why not and serves
// the same workbench to a browser. `--desktop` and `--web` choose; a further argument is a folder of models, or goes
// to `digit serve`.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { earlyEnd, electronPath, missingDisplay, missingElectron, missingSandbox } from './start/electron.mjs'

/** An Electron that ends so soon has not shown anything. */
const EARLY_MS = 10_000

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const args = process.argv.slice(2)
const wants = (flag) => args.includes(flag) && args.splice(args.indexOf(flag), 1).length > 0
const [desktopOnly, webOnly] = [wants('--desktop'), wants('--web')]

if (process.platform === 'darwin' && process.arch === 'x64') {
  console.error(
    'The workbench cannot run here: onnxruntime has no binary for Intel Macs. On Apple Silicon install the arm64 Node.',
  )
  process.exit(1)
}
if (webOnly) serveBrowser()
else openWindow()

function openWindow() {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const problem = missingDisplay() ?? missingElectron(folder) ?? missingSandbox(electronPath(folder))
  if (problem) return withoutWindow(problem)
  build(true)
  // Terminals of editors that are Electron themselves set this, which would make Electron a plain Node.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const begun = performance.now()
  // On Linux the engine runs under this Node (docs/desktop.md).
  run(electronPath(folder), [root, ...args], { ...env, DIGIT_NODE: process.execPath }, (code, signal) => {
    const early = performance.now() - begun < EARLY_MS ? earlyEnd(code, signal) : undefined
    if (early) return withoutWindow(early)
    process.exit(code ?? 1)
  })
}

function withoutWindow(problem) {
  if (desktopOnly) {
    console.error(`No desktop window: ${problem}. \`npm run web\` serves the workbench to a browser.`)
    process.exit(1)
  }
  console.error(`No desktop window: ${problem}. Serving it to a browser instead:`)
  serveBrowser()
}

function serveBrowser() {
  build(false)
  // What is named without a flag is a folder of models, as in the window.
  const models = args[0] !== undefined && !args[0].startsWith('-') ? ['--model'] : []
  const command = ['--enable-source-maps', join(root, 'out/src/cli/digit.js'), 'serve', ...models, ...args]
  run(process.execPath, command, process.env, (code) => process.exit(code ?? 1))
}

/** A child that gets this process's terminal and signals. An end that a person has asked for is the end of this too. */
function run(program, words, env, ended) {
  const child = spawn(program, words, { stdio: 'inherit', env })
  const pass = (signal) => {
    child.removeAllListeners('exit')
    child.once('exit', (code) => process.exit(code ?? 1))
    // A Ctrl-C reaches both; one sent to this process alone is passed on a moment later. Windows has no such
    // signal: passing it on would end the window before it has closed itself.
    if (signal === 'SIGINT' && process.platform === 'win32') return
    setTimeout(() => child.kill(signal), signal === 'SIGINT' ? 500 : 0)
  }
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM')
  process.on('SIGINT', pass).on('SIGTERM', pass)
  child.once('error', (error) => ended(127, undefined, console.error(error.message)))
  child.once('exit', ended)
}

/** What was built from the sources as they are is not built again. */
function build(forDesktop) {
  const make = (...words) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${words.join(' ')}:\n${stdout}${stderr}`)
  }
  const sources = newest('src')
  const isFresh = (...files) =>
    files.every((file) => existsSync(join(root, file)) && statSync(join(root, file)).mtimeMs > sources)
  if (!forDesktop && !isFresh('out/src/cli/digit.js', 'out/src/engine/api/process.js'))
    make('scripts/run.mjs', '--build-only', 'src/cli/digit.ts')
  if (isFresh('out/renderer/index.html', ...(forDesktop ? ['out/main/index.js'] : []))) return
  console.error('Building the page (only once) ...')
  if (forDesktop) make('node_modules/electron-vite/bin/electron-vite.js', 'build')
  else make('node_modules/vite/bin/vite.js', 'build', '--config', 'renderer.vite.config.ts')
}

function newest(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((time, { parentPath, name }) => Math.max(time, statSync(join(parentPath, name)).mtimeMs), 0)
}
