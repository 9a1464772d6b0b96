// `npm start`: the desktop window where Electron's binary and a display exist; elsewhere it says why not and serves
// the same workbench to a browser. `--desktop` and `--web` choose; further arguments are folders of models (desktop)
// or go to `digit serve`.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const args = process.argv.slice(2)
const wants = (flag) => args.includes(flag) && args.splice(args.indexOf(flag), 1).length > 0
const [desktopOnly, webOnly] = [wants('--desktop'), wants('--web')]

const problem = webOnly ? 'asked not to' : (missingDisplay() ?? missingElectron())
if (desktopOnly && problem) {
  console.error(`No desktop window: ${problem}. npm run web serves the workbench to a browser.`)
  process.exit(1)
}
if (!webOnly && problem) console.error(`No desktop window: ${problem}. Here it is for a browser:`)
build(!problem)
const command = problem
  ? [process.execPath, ['--enable-source-maps', join(root, 'out/src/cli/digit.js'), 'serve', ...args]]
  : [electronPath(), [root, ...args]]
const child = spawn(...command, { stdio: 'inherit' })
// A Ctrl-C reaches both; one sent to this process alone is passed on a moment later.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => setTimeout(() => child.kill(signal), signal === 'SIGINT' ? 500 : 0))
child.on('exit', (code) => process.exit(code ?? 1))

function missingDisplay() {
  const { DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION } = process.env
  if (process.platform === 'linux') return DISPLAY || WAYLAND_DISPLAY ? undefined : 'there is no display'
  return SSH_CONNECTION ? 'this is a remote session' : undefined
}

/** Electron's package comes with npm, its binary from elsewhere, once. */
function missingElectron() {
  if (electronPath()) return undefined
  console.error("Fetching Electron's binary, once ...")
  const install = join(root, 'node_modules/electron/install.js')
  if (existsSync(install)) spawnSync(process.execPath, [install], { stdio: 'ignore', timeout: 600_000 })
  return electronPath() ? undefined : "Electron's binary is not here and could not be fetched"
}

function electronPath() {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const name = existsSync(join(folder, 'path.txt'))
    ? readFileSync(join(folder, 'path.txt'), 'utf8')
    : 'electron'
  const path = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name)
  return existsSync(path) ? path : undefined
}

/** What was built from the sources as they are is not built again. */
function build(forDesktop) {
  const run = (...words) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${words.join(' ')}:\n${stdout}${stderr}`)
  }
  const sources = newest('src')
  const isFresh = (...files) =>
    files.every((file) => existsSync(join(root, file)) && statSync(join(root, file)).mtimeMs > sources)
  if (!forDesktop && !isFresh('out/src/cli/digit.js', 'out/src/engine/api/process.js'))
    run('scripts/run.mjs', '--build-only', 'src/cli/digit.ts')
  if (isFresh('out/renderer/index.html', ...(forDesktop ? ['out/main/index.js'] : []))) return
  console.error('Building the page, once ...')
  if (forDesktop) run('node_modules/electron-vite/bin/electron-vite.js', 'build')
  else run('node_modules/vite/bin/vite.js', 'build', '--config', 'renderer.vite.config.ts')
}

function newest(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((time, { parentPath, name }) => Math.max(time, statSync(join(parentPath, name)).mtimeMs), 0)
}
