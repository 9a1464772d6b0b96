// Builds parts that are older than their sources: the command, the page and the desktop shell, all into out/.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.mjs'

/** Files that determine how the sources are built. */
const CONFIGURATION = [
  'package-lock.json',
  'electron.vite.config.ts',
  'renderer.vite.config.ts',
  'scripts/bundle.mjs',
]

/** The program as people get it: the command, the engine's process, the page and the shell. */
export async function buildAll() {
  await buildCommand()
  buildPage({ desktop: true })
}

/** The command line and the engine's process. */
export async function buildCommand() {
  if (isFresh('out/src/cli/digit.js', 'out/src/engine/api/process.js')) return
  const { bundle } = await import('../bundle.mjs')
  await bundle('src/cli/digit.ts')
}

/** The page alone, or with the desktop shell. Prints a message, because it takes a while. */
export function buildPage({ desktop }) {
  if (isFresh('out/renderer/index.html', ...(desktop ? ['out/main/index.js'] : []))) return
  console.error('Building the page (only once) ...')
  if (desktop) make('node_modules/electron-vite/bin/electron-vite.js', 'build')
  else make('node_modules/vite/bin/vite.js', 'build', '--config', 'renderer.vite.config.ts')
}

function make(...words) {
  // Another NODE_ENV, as in tests, would include Vue's checks.
  const env = { ...process.env, NODE_ENV: 'production' }
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${words.join(' ')}:\n${stdout}${stderr}`)
}

let sources
function isFresh(...files) {
  sources ??= Math.max(newest('src'), ...CONFIGURATION.map(timeOf))
  return files.every((file) => timeOf(file) > sources)
}

/** Zero if there is no such file. */
function timeOf(file) {
  return statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function newest(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((time, { parentPath, name }) => Math.max(time, statSync(join(parentPath, name)).mtimeMs), 0)
}
