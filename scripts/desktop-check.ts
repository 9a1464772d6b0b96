// `npm run desktop:check`: tests in the real window what only a real Electron can show; writes a report with
// screenshots to out/desktop-check. It needs Electron's binary and a display, or Xvfb (Debian: xvfb). DIGIT_ELECTRON
// names an application made by `npm run package:test` in place of the npm package's binary. docs/desktop.md lists what
// must be checked by hand.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { electronPath, enginePid } from '../test/e2e/stage/electron.ts'
import { startRun, waitForImages } from '../test/e2e/stage/workbench.ts'

const OUT = resolve('out/desktop-check')
const PATIENCE_MS = 90_000
const folder = mkdtempSync(join(tmpdir(), 'digit-check-'))
const packaged = process.env.DIGIT_ELECTRON !== undefined
/** What the window, its engine and its page printed. */
let printed = ''
let app!: ElectronApplication
let page!: Page

const electron = electronPath()
if (!electron) stop("Electron's binary is not here: `npx install-electron` fetches it")
const screen = await openScreen()
mkdirSync(OUT, { recursive: true })

interface Step {
  readonly name: string
  /** Throws if something is wrong; may return what it saw. */
  readonly work: () => Promise<string | void>
}
const status = () => page.getByRole('contentinfo')
const problems = () => page.getByRole('region', { name: 'Problems' }).getByRole('article')
const electronArguments = (...models: readonly string[]) => [
  ...(packaged ? [] : [resolve('.')]),
  `--user-data-dir=${join(folder, 'user')}`,
  // Electron has no sandbox as root and in containers.
  ...(process.getuid?.() === 0 || process.env.CI ? ['--no-sandbox'] : []),
  ...models,
]
const environment = {
  ...process.env,
  DIGIT_NODE: process.execPath,
  DIGIT_WORKSPACE: join(folder, 'workspace'),
}

const STEPS: readonly Step[] = [
  {
    name: 'The window opens and the engine is connected',
    async work() {
      app = await _electron.launch({
        executablePath: electron!,
        args: electronArguments(),
        env: environment as Record<string, string>,
      })
      for (const stream of [app.process().stdout, app.process().stderr])
        stream?.on('data', (bytes: Buffer) => (printed += String(bytes)))
      page = await app.firstWindow()
      page.setDefaultTimeout(PATIENCE_MS)
      page.on('pageerror', ({ message }) => (printed += `page: ${message}\n`))
      await status().getByText('Connected').waitFor()
      const versions = await app.evaluate(() => process.versions)
      return `Electron ${versions.electron}, V8 ${versions.v8}, Node of the shell ${versions.node}`
    },
  },
  {
    name: 'Four images are sampled',
    async work() {
      await page.evaluate("location.hash = '#/sample'")
      await startRun(page, { Images: 4, Seed: 1 })
      await waitForImages(page, 4)
      await status().getByText('Idle').waitFor()
    },
  },
  { name: 'GLib has complained of nothing', work: async () => complaints() },
  {
    name: 'Models: every device is tested',
    async work() {
      await page.evaluate("location.hash = '#/models'")
      await page.getByRole('heading', { name: 'Files' }).waitFor()
      const survey = page.getByRole('table', { name: /device/i }).first()
      return (await survey.innerText({ timeout: PATIENCE_MS })).replaceAll('\n', '; ')
    },
  },
  {
    name: 'The engine is killed: an error, and a working window again',
    async work() {
      process.kill(await enginePid(app), 'SIGKILL')
      await problems().first().waitFor()
      await status().getByText('Connected').waitFor()
    },
  },
  {
    name: 'The page is killed: it is loaded again by itself',
    async work() {
      await app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer(),
      )
      await new Promise((resolve) => setTimeout(resolve, 3000))
      const title = await app.evaluate(({ BrowserWindow }) => {
        const { webContents } = BrowserWindow.getAllWindows()[0]!
        return webContents.isCrashed() ? 'crashed' : webContents.executeJavaScript('document.title')
      })
      if (!/DiGIT/.test(String(title))) throw new Error(`the page is ${String(title)}`)
      await restart()
    },
  },
  {
    name: 'File > Open Models... on a folder that is gone tells its problem',
    async work() {
      const told = await app.evaluate(
        async ({ dialog, Menu }, gone) => {
          dialog.showOpenDialog = (async () => ({ canceled: false, filePaths: [gone] })) as never
          const said = new Promise<string>((tell) => {
            dialog.showMessageBox = (async (_window: unknown, { detail }: { detail: string }) => {
              tell(detail)
              return { response: 0, checkboxChecked: false }
            }) as never
          })
          const file = Menu.getApplicationMenu()!.items.find(({ label }) => label === 'File')!
          file.submenu!.items[0]!.click()
          return said
        },
        join(folder, 'gone'),
      )
      return told
    },
  },
  {
    name: 'A second start hands its folder over and ends',
    async work() {
      const models = resolve('resources/demo')
      const { status: code, stderr } = spawnSync(electron!, electronArguments(models), {
        env: environment,
        encoding: 'utf8',
        timeout: PATIENCE_MS,
      })
      if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`)
    },
  },
  {
    name: 'The page is reloaded while a run works, and shows it',
    async work() {
      await page.evaluate("location.hash = '#/sample'")
      await startRun(page, { Images: 200, Seed: 2 })
      await waitForImages(page, 2)
      await page.reload()
      await waitForImages(page, 2)
    },
  },
  {
    name: 'Quitting at work is asked about, and a yes ends every process',
    async work() {
      const pid = await enginePid(app)
      const asked = await app.evaluate(async ({ app, dialog }) => {
        const said = new Promise<string>((tell) => {
          dialog.showMessageBox = (async (_window: unknown, { message }: { message: string }) => {
            tell(message)
            return { response: 0, checkboxChecked: false }
          }) as never
        })
        setTimeout(() => app.quit(), 0)
        return said
      })
      await new Promise((resolve) => setTimeout(resolve, 5000))
      if (isAlive(pid)) throw new Error('the engine is still there')
      return asked
    },
  },
  {
    name: 'At the next start the images are there',
    async work() {
      await restart()
      await page.evaluate("location.hash = '#/library'")
      await page.locator('img').first().waitFor()
    },
  },
  { name: 'GLib has complained of nothing to the end', work: async () => complaints() },
]

const report: string[] = []
for (const [i, { name, work }] of STEPS.entries()) {
  const begun = performance.now()
  const result = await work().then(
    (seen) => `ok${seen ? ` (${seen})` : ''}`,
    (error: Error) => `FAILED: ${error.message.split('\n')[0]}`,
  )
  const line = `${i + 1}. ${name}: ${result}, ${((performance.now() - begun) / 1000).toFixed(1)} s`
  console.log(line)
  report.push(line)
  const file = `${String(i + 1).padStart(2, '0')}.png`
  await (page as Page | undefined)?.screenshot({ path: join(OUT, file), timeout: 10_000 }).catch(() => {})
}
await (app as ElectronApplication | undefined)?.close().catch(() => {})
screen?.kill()
rmSync(folder, { recursive: true, force: true })
const machine = `${process.platform} ${process.arch}, ${packaged ? 'packaged' : 'from the sources'}`
writeFileSync(
  join(OUT, 'report.md'),
  `# The desktop window on ${machine}\n\n${report.join('\n')}\n\n## Printed\n\n${printed}\n`,
)
console.log(`Please send ${join(OUT, 'report.md')} and the screenshots beside it.`)
process.exit(report.some((line) => line.includes(': FAILED')) ? 1 : 0)

async function complaints(): Promise<void> {
  const found = printed.split('\n').filter((line) => /CRITICAL|SharpElectronLinux/.test(line))
  if (found.length > 0) throw new Error(`${found.length} lines, the first: ${found[0]}`)
}

/** Playwright loses a crashed page, so the window is reopened. */
async function restart(): Promise<void> {
  await app.close().catch(() => {})
  await STEPS[0]!.work()
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Xvfb if Linux has no display; undefined if it has one. */
async function openScreen(): Promise<ChildProcess | undefined> {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  if (process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY) return undefined
  if (spawnSync('which', ['Xvfb']).status !== 0)
    stop("there is no display and no Xvfb (Debian: 'apt-get install xvfb')")
  process.env.DISPLAY = ':97'
  const server = spawn('Xvfb', [':97', '-screen', '0', '1600x1000x24'], { stdio: 'ignore' })
  await new Promise((resolve) => setTimeout(resolve, 1500))
  return server
}

function stop(reason: string): never {
  console.error(`The desktop window cannot be checked here: ${reason}.`)
  process.exit(2)
}
