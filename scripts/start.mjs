// `npm start`: the desktop window if Electron's binary and a display exist; otherwise reports why not and serves the
// same workbench to a browser. `--desktop` and `--web` force one of them; further arguments are folders of models, or
// passed to `digit web`. `digit desktop` of an installed tarball also runs this script.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { missingRuntime } from './start/vc-runtime.mjs'
import { earlyEnd, electronPath, missingDisplay, missingElectron, missingSandbox } from './start/electron.mjs'

/** An Electron that exits this early has not shown anything. */
const EARLY_MS = 10_000

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** An installed tarball has no sources; it is already built, and its command is on the PATH. */
const hasSources = existsSync(join(root, 'src'))
const WEB = hasSources ? 'npm run web' : 'digit web'
const args = process.argv.slice(2)
const wants = (flag) => args.includes(flag) && args.splice(args.indexOf(flag), 1).length > 0
const [desktopOnly, webOnly] = [wants('--desktop'), wants('--web')]

const noEngine = missingEngine()
if (noEngine) {
  console.error(`The workbench cannot run here: ${noEngine}.`)
  process.exit(1)
}
if (webOnly) await serveBrowser()
else await openWindow()

/** Why no engine can run on this machine, for a window or a browser. */
function missingEngine() {
  if (process.platform === 'darwin' && process.arch === 'x64')
    return 'onnxruntime has no binary for Intel Macs; on Apple Silicon install the arm64 Node'
  return missingRuntime()
}

async function openWindow() {
  const folder = electronPackage()
  if (folder === undefined)
    return withoutWindow(
      `Electron is not installed; \`npm install --global electron@${electronVersion()}\` brings it`,
    )
  const problem = missingDisplay() ?? missingElectron(folder) ?? missingSandbox(electronPath(folder))
  if (problem) return withoutWindow(problem)
  await build({ desktop: true })
  // Terminals of Electron-based editors set this, which would make Electron a plain Node.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const begun = performance.now()
  // On Linux the engine runs under this Node (docs/desktop.md).
  run(electronPath(folder), [root, ...args], { ...env, DIGIT_NODE: process.execPath }, (code, signal) => {
    const early = performance.now() - begun < EARLY_MS ? earlyEnd(code, signal) : undefined
    if (early) return withoutWindow(early)
    process.exit(code ?? 1)
  })
}

/** The version tested with this program. */
function electronVersion() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.electron
}

/** Among this program's own packages, or next to it after `npm install --global`. */
function electronPackage() {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  } catch {
    return undefined
  }
}

async function withoutWindow(problem) {
  if (desktopOnly) {
    console.error(`No desktop window: ${problem}. \`${WEB}\` serves the workbench to a browser.`)
    process.exit(1)
  }
  console.error(`No desktop window: ${problem}. Serving it to a browser instead:`)
  await serveBrowser()
}

async function serveBrowser() {
  await build({ desktop: false })
  // Arguments without a flag are folders of models, as in the window.
  const models = args[0] !== undefined && !args[0].startsWith('-') ? ['--model'] : []
  const command = ['--enable-source-maps', join(root, 'out/src/cli/digit.js'), 'web', ...models, ...args]
  run(process.execPath, command, process.env, (code) => process.exit(code ?? 1))
}

/** A child with this process's terminal and signals. If the user ends it, this process exits too. */
function run(program, words, env, ended) {
  // Installed before the child exists, so that an early signal waits for it.
  const pass = (signal) => {
    child.removeAllListeners('exit')
    child.once('exit', (code) => process.exit(code ?? 1))
    // Ctrl-C reaches both; a signal to this process alone is passed on a moment later. Windows has no such signal:
    // passing it on would kill the window before it closes itself.
    if (signal === 'SIGINT' && process.platform === 'win32') return
    setTimeout(() => child.kill(signal), signal === 'SIGINT' ? 500 : 0)
  }
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM')
  process.on('SIGINT', pass).on('SIGTERM', pass)
  const child = spawn(program, words, { stdio: 'inherit', env })
  child.once('error', (error) => ended(127, undefined, console.error(error.message)))
  child.once('exit', ended)
}

/** Skips parts that are already built from the current sources. */
async function build({ desktop }) {
  if (!hasSources) return
  const { buildCommand, buildPage } = await import('./start/build.mjs')
  if (!desktop) await buildCommand()
  buildPage({ desktop })
}
