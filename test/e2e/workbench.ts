// The workbench as users get it: the built page, served by the web host, over the real engine and the demo.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { openWebHost, type WebHost } from '../../src/cli/serve/host.ts'
import { demoFolder } from '../../src/engine/api/index.ts'
import { launchChromium } from './chromium.ts'

/** Timeout for one action on a shared machine. */
export const TIMEOUT_MS = 90_000

export interface Workbench {
  readonly host: WebHost
  /** Folder of the built page. */
  readonly page: string
  /** Folder of its runs. */
  readonly workspace: string
  /** A new tab in its own browser context; an empty `hash` requests no page. */
  visit(hash?: string, options?: Parameters<Browser['newContext']>[0]): Promise<Page>
  /** Restarts the host and its engine with the same workspace; pages have to be opened again. */
  restart(): Promise<void>
  /** Errors that pages logged or threw. */
  readonly errors: string[]
  close(): Promise<void>
}

/** Over the demo, or other models. */
export async function openWorkbench(models: readonly string[] = [demoFolder()]): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'digit-e2e-'))
  const page = join(folder, 'page')
  const workspace = join(folder, 'workspace')
  execFileSync(process.execPath, ['scripts/run.mjs', '--build-only', 'src/cli/digit.ts'])
  buildPage(page)
  const startHost = () =>
    openWebHost({
      port: 0,
      page,
      engineModule: resolve('out/src/engine/api/process.js'),
      engine: { models, workspace },
    })
  let host = await startHost()
  const browser = await launchChromium()
  const errors: string[] = []
  return {
    get host() {
      return host
    },
    page,
    workspace,
    errors,
    async visit(hash = '#/sample', options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      const tab = await context.newPage()
      tab.setDefaultTimeout(TIMEOUT_MS)
      tab.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
      tab.on('pageerror', (error) => errors.push(error.message))
      await tab.goto(`${host.address}${hash}`)
      await tab.getByRole('navigation', { name: 'Pages' }).waitFor()
      return tab
    },
    async restart() {
      await host.close()
      host = await startHost()
    },
    async close() {
      await browser.close()
      await host.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Builds the page as users get it: tests run with another NODE_ENV, which would build Vue's checks in. */
export function buildPage(folder: string): void {
  const words = ['node_modules/vite/bin/vite.js', 'build', '--config', 'renderer.vite.config.ts']
  const env = { ...process.env, NODE_ENV: 'production' }
  execFileSync(process.execPath, [...words, '--logLevel', 'error', '--outDir', folder, '--emptyOutDir'], {
    env,
  })
}

/** Fills in the settings and starts a run on the CPU, which every machine has. */
export async function startRun(tab: Page, fields: Readonly<Record<string, number>>): Promise<void> {
  await tab.getByLabel('Device').selectOption('cpu')
  for (const [label, value] of Object.entries(fields))
    await tab.getByRole('spinbutton', { name: label }).first().fill(String(value))
  await tab.getByRole('button', { name: /^(Start|Add to the queue)/ }).click()
}

/** Gallery images with pixels. */
export const images = (tab: Page): Locator => tab.getByRole('group', { name: 'Images' }).locator('img')

/** Waits until there are at least `count`. */
export async function waitForImages(tab: Page, count: number): Promise<void> {
  await images(tab)
    .nth(count - 1)
    .waitFor({ timeout: 90_000 })
}
