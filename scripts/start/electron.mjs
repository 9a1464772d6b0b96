// Electron for `npm start`: finding and downloading its binary, and reasons why no window can be opened.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Longer than any download takes; users can press Ctrl-C. */
const FETCH_MS = 60 * 60_000

/** Path of the binary; undefined unless it is complete. `folder` is Electron's npm package. */
export function electronPath(folder, { ELECTRON_OVERRIDE_DIST_PATH: own } = process.env) {
  const name = readText(join(folder, 'path.txt')) ?? NAMES[process.platform] ?? 'electron'
  if (!own && !isWhole(folder)) return undefined
  const path = join(own ?? join(folder, 'dist'), name)
  return existsSync(path) ? path : undefined
}

const NAMES = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }

/** The test of Electron's install.js: `path.txt` is written last, `dist/version` contains the version. */
function isWhole(folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const unpacked = readText(join(folder, 'dist/version'))?.trim().replace(/^v/, '')
  return unpacked === version && existsSync(join(folder, 'path.txt'))
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** Why there can be no window, whatever is installed. */
export function missingDisplay(env = process.env) {
  if (process.platform !== 'linux')
    return env.SSH_CONNECTION
      ? 'this is a remote session; for a window start it on the machine itself'
      : undefined
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY)
    return 'there is no display; for a window start it in a desktop session, or set DISPLAY'
  // electron_main_delegate.cc ends the process.
  if (process.getuid() === 0) return 'Electron does not run as root; start it as another user'
  return undefined
}

/** Downloads the binary if missing. Returns the reason if that fails. */
export function missingElectron(folder, env = process.env) {
  if (electronPath(folder, env)) return undefined
  const install = join(folder, 'install.js')
  if (existsSync(install)) {
    console.error('Downloading Electron (about 120 MB, only once) ...')
    const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy } = env
    const hasProxy = HTTPS_PROXY ?? https_proxy ?? HTTP_PROXY ?? http_proxy
    spawnSync(process.execPath, [install], {
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: FETCH_MS,
      env: { ...env, ...(hasProxy ? { ELECTRON_GET_USE_PROXY: '1' } : {}) },
    })
  }
  return electronPath(folder, env)
    ? undefined
    : 'Electron could not be downloaded (see the error above; run `npx install-electron` to retry, ' +
        'set ELECTRON_MIRROR to use a mirror, or ELECTRON_OVERRIDE_DIST_PATH to use an existing copy)'
}

/**
 * On Linux Chromium's sandbox needs user namespaces, or a helper owned by root. Returns the reason if it has neither.
 */
export function missingSandbox(electron) {
  if (process.platform !== 'linux') return undefined
  const helper = join(electron, '../chrome-sandbox')
  const info = existsSync(helper) ? statSync(helper) : undefined
  if (info?.uid === 0 && (info.mode & 0o7777) === 0o4755) return undefined
  // 1 if namespaces are forbidden; without the command, the window itself is tried.
  if (spawnSync('unshare', ['-Ur', 'true'], { stdio: 'ignore' }).status !== 1) return undefined
  return `this system does not allow unprivileged sandboxes; to allow Electron's, run ${remedy(helper)}`
}

const remedy = (helper) => `sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`

/** The reason for an early exit; undefined if the user or the window itself caused it. */
export function earlyEnd(code, signal) {
  if (signal) return `Electron was terminated by ${signal} right after the start (see its output above)`
  // Exit code of the loader: a system library is missing.
  if (code === 127)
    return "a system library that Electron needs is missing; install it with the system's packages (its name is above)"
  return undefined
}
