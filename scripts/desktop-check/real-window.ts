// The application in a real Electron, driven by Playwright, with a workspace and a folder of Electron's of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'

export const PATIENCE_MS = 90_000

export interface RealWindow {
  /** For files of the check. */
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  /** Electron's arguments, with models to open behind them. */
  words(...models: readonly string[]): readonly string[]
  app(): ElectronApplication
  page(): Page
  /** What the window, its engine and its page printed since the first start. */
  printed(): string
  /** Starts the application, after closing the one that is open. Resolves when its engine is connected. */
  start(): Promise<void>
  close(): Promise<void>
}

/** @param electron path of the program @param packaged whether the application is in it */
export function realWindow(electron: string, packaged: boolean): RealWindow {
  const folder = mkdtempSync(join(tmpdir(), 'digit-check-'))
  const environment = {
    ...process.env,
    DIGIT_NODE: process.execPath,
    DIGIT_WORKSPACE: join(folder, 'workspace'),
  }
  let app: ElectronApplication | undefined
  let page: Page | undefined
  let printed = ''
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the window is not open')
    return value
  }
  const words = (...models: readonly string[]) => [
    ...(packaged ? [] : [resolve('.')]),
    `--user-data-dir=${join(folder, 'user')}`,
    // As root, and in containers, Electron has no sandbox to start with.
    ...(process.getuid?.() === 0 || process.env.CI ? ['--no-sandbox'] : []),
    ...models,
  ]
  const close = async () => {
    // Nobody is there to answer the question that quitting during a run asks.
    await app?.evaluate(({ app }) => app.exit(0)).catch(() => {})
    await app?.close().catch(() => {})
    app = page = undefined
  }
  return {
    folder,
    environment,
    words,
    app: () => there(app),
    page: () => there(page),
    printed: () => printed,
    async start() {
      await close()
      const env = environment as Record<string, string>
      app = await _electron.launch({ executablePath: electron, args: words(), env })
      for (const stream of [app.process().stdout, app.process().stderr])
        stream?.on('data', (bytes: Buffer) => (printed += String(bytes)))
      page = await app.firstWindow()
      page.setDefaultTimeout(PATIENCE_MS)
      page.on('pageerror', ({ message }) => (printed += `page: ${message}\n`))
      await page.getByRole('contentinfo').getByText('Connected').waitFor()
    },
    async close() {
      await close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
