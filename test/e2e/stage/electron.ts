// The workbench in its window: Electron's binary where there is one, driven by playwright.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { _electron, type ElectronApplication } from 'playwright-core'
import { electronPath as wholeElectron } from '../../../scripts/start/electron.mjs'
import type { HostUnderTest } from './journey.ts'
import { followTab } from './open-tabs.ts'

/**
 * DIGIT_ELECTRON names an application made by `npm run package:test`; else the binary of the npm package is taken,
 * which has every fuse as it comes. An installer's own fuses refuse to be driven.
 */
export function electronPath(): string | undefined {
  if (process.env.DIGIT_ELECTRON) return process.env.DIGIT_ELECTRON
  return wholeElectron(dirname(createRequire(import.meta.url).resolve('electron/package.json')))
}

/** Of the engine's process: on Linux a plain Node, which Electron does not count among its own. */
export async function enginePid(app: ElectronApplication): Promise<number> {
  if (process.platform !== 'linux') {
    const metrics = await app.evaluate(({ app }) => app.getAppMetrics())
    return metrics.find(({ name }) => name === 'DiGIT engine')!.pid
  }
  const isEngine = (pid: string) => /\/engine\.js\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
  const children = readFileSync(`/proc/${app.process().pid}/task/${app.process().pid}/children`, 'utf8')
  return Number(children.trim().split(/\s+/).find(isEngine))
}

/** Why the window cannot be tested here; undefined if it can. */
export function missingForElectron(): string | undefined {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return 'there is no display'
  return electronPath() ? undefined : "Electron's binary is not here (npm start fetches it)"
}

export async function openElectron(): Promise<HostUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'digit-electron-'))
  const packaged = process.env.DIGIT_ELECTRON !== undefined
  const app = await _electron.launch({
    executablePath: electronPath()!,
    // Containers, where tests run, have no user namespaces for the sandbox.
    args: [
      ...(packaged ? [] : [resolve('.')]),
      `--user-data-dir=${join(folder, 'user')}`,
      ...(process.env.CI ? ['--no-sandbox'] : []),
    ],
    env: {
      ...process.env,
      DIGIT_NODE: process.execPath,
      DIGIT_WORKSPACE: join(folder, 'workspace'),
    } as Record<string, string>,
  })
  const errors: string[] = []
  return {
    errors,
    diesAtWork: true,
    async visit(hash = '#/sample') {
      const page = await app.firstWindow()
      followTab(page, errors)
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
      return page
    },
    async killEngine() {
      process.kill(await enginePid(app), 'SIGKILL')
    },
    async close() {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
