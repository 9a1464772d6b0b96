// The built shell over Electron's double, and its page in Chromium: the page's files come from the shell's own
// scheme, `window.digit` is its preload's bridge, and what the page's port carries goes to the engine's.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import type { Page } from 'playwright-core'
import { vi } from 'vitest'
import * as double from '../../electron-double/electron.ts'
import { endEngine } from '../../electron-double/end-engine.ts'
import { runPreload } from '../../electron-double/preload.ts'
import { frameToMessage, messageToFrame } from '../../../src/shared/rpc/frame.ts'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import type { FilePurpose } from '../../../src/shared/contract/desktop.ts'
import { BUILT } from '../../built.ts'
import { launchChromium } from './chromium.ts'
import type { HostUnderTest } from './journey.ts'
import { followTab } from './open-tabs.ts'

const { seen } = double
/** Trusted by browsers as the shell's own scheme is by Electron. */
const ADDRESS = 'http://localhost'

/** Needs `vi.mock('electron', ...)` with the double in the test that calls it. */
export async function openDesktopDouble(): Promise<HostUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'digit-desktop-'))
  process.env.DIGIT_WORKSPACE = folder
  await import(BUILT.shell)
  await vi.waitFor(() => {
    if (!seen.menu) throw new Error('the shell has not started')
  }, 30_000)
  const browser = await launchChromium()
  const errors: string[] = []
  return {
    errors,
    // Elsewhere it is a thread, which cannot be ended while it computes without the process.
    diesAtWork: process.platform === 'linux',
    async visit(hash = '#/sample') {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      followTab(page, errors)
      await page.route(`${ADDRESS}/**`, async (route) => {
        const { pathname } = new URL(route.request().url())
        const answer = await seen.protocols.get('app')!({ url: `app://workbench${pathname}`, method: 'GET' })
        const body = Buffer.from(await answer.arrayBuffer())
        await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body })
      })
      await joinBridge(page)
      await page.goto(`${ADDRESS}/index.html${hash}`)
      return page
    },
    killEngine: endEngine,
    async close() {
      await browser.close()
      double.app.exit(0)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const toText = (message: unknown) => Buffer.from(messageToFrame(message)).toString('base64')
const fromText = (text: string) => frameToMessage(Uint8Array.from(Buffer.from(text, 'base64')))

/** Gives the page `window.digit`. A port cannot leave the browser, so its messages travel as frames in text. */
async function joinBridge(page: Page): Promise<void> {
  const window = seen.windows[0]!
  const preload = runPreload(window.options.webPreferences.preload as string, window)
  let last = 0
  const ports = new Map<number, Awaited<ReturnType<typeof preload.port>>>()
  const tell = (line: number, text: string | undefined) =>
    page.evaluate(`digitBridge.heard(${line}, ${JSON.stringify(text ?? null)})`).catch(() => {})
  await page.exposeFunction('digitPort', async () => {
    const port = await preload.port()
    const line = ++last
    ports.set(line, port)
    port.on('message', (message: unknown) => void tell(line, toText(message)))
    port.on('close', () => void tell(line, undefined))
    return line
  })
  await page.exposeFunction('digitPost', (line: number, text: string) =>
    ports.get(line)?.postMessage(fromText(text)),
  )
  // Chromium does not say where a file is; what is dropped here is the demo's.
  await page.exposeFunction('digitDrop', (purpose: FilePurpose, names: readonly string[]) =>
    preload.digit.drop(
      purpose,
      names.map((name) => double.fileAt(join(demoFolder(), name))),
    ),
  )
  const { outputFiles } = buildSync({
    entryPoints: ['test/e2e/stage/desktop-double-page.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
  })
  await page.addInitScript(outputFiles[0]!.text)
}
