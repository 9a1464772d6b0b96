// The workbench as users get it: the built page, served by the web host, over the real engine and the demo.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { openWebHost, type WebHost } from '../../../src/cli/serve/host.ts'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import type { EngineApi } from '../../../src/shared/contract/api.ts'
import { BUILT } from '../../built.ts'
import { openPage } from '../../web-page.ts'
import { launchChromium } from './chromium.ts'
import { followTab } from './open-tabs.ts'

export interface Workbench {
  readonly host: WebHost
  /** Folder of its runs. */
  readonly workspace: string
  /** A new tab in its own browser context; an empty `hash` requests no page. */
  visit(hash?: string, options?: Parameters<Browser['newContext']>[0]): Promise<Page>
  /** Restarts the host and its engine with the same workspace; pages have to be opened again. */
  restart(): Promise<void>
  /** Asks the engine as a page does, over a socket of its own. */
  api(): Promise<EngineApi>
  /** Errors that pages logged or threw. */
  readonly errors: string[]
  close(): Promise<void>
}

/** Over the demo, or other models. Needs what test/build.ts builds. */
export async function openWorkbench(models: readonly string[] = [demoFolder()]): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'digit-e2e-'))
  const workspace = join(folder, 'workspace')
  const startHost = () =>
    openWebHost({
      port: 0,
      page: BUILT.page,
      engineModule: BUILT.engine,
      engine: { models, workspace },
    })
  let host = await startHost()
  const browser = await launchChromium()
  const errors: string[] = []
  let asking: Promise<EngineApi> | undefined
  return {
    get host() {
      return host
    },
    workspace,
    errors,
    async visit(hash = '#/sample', options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      const tab = await context.newPage()
      followTab(tab, errors)
      await tab.goto(`${host.address}${hash}`)
      await tab.getByRole('navigation', { name: 'Pages' }).waitFor()
      return tab
    },
    api: () => (asking ??= openPage(host).then(({ api }) => api)),
    async restart() {
      await host.close()
      asking = undefined
      host = await startHost()
    },
    async close() {
      await browser.close()
      await host.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Fills the settings and starts: a few images on the processor, which every machine has. */
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
