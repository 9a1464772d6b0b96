// The fourteen steps of `npm run desktop:check`, in their order.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { ElectronApplication } from 'playwright-core'
import { enginePid } from '../../test/e2e/stage/electron.ts'
import {
  atlasShown,
  dropPaths,
  sourceShown,
  startDemoAtlas,
  startUmap,
  testedDevices,
  umapShown,
} from '../../test/e2e/stage/page-steps.ts'
import { startRun, waitForImages } from '../../test/e2e/stage/workbench.ts'
import { PATIENCE_MS, type RealWindow } from './real-window.ts'

export interface Step {
  readonly name: string
  /** Throws where something is wrong; may return what it saw. */
  readonly work: () => Promise<string | void>
}

const DEMO = resolve('resources/demo')
const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, 1000 * count))

export function stepsOf(window: RealWindow, electron: string): readonly Step[] {
  const { app, page } = window
  const status = () => page().getByRole('contentinfo')
  const problems = () => page().getByRole('region', { name: 'Problems' }).getByRole('article')
  const show = (name: string) => page().evaluate(`location.hash = '#/${name}'`)
  const complaints = async () => {
    const found = window
      .printed()
      .split('\n')
      .filter((line) => /CRITICAL|SharpElectronLinux/.test(line))
    if (found.length > 0) throw new Error(`${found.length} lines, the first: ${found[0]}`)
  }
  return [
    {
      name: 'The window opens and the engine is connected',
      async work() {
        await window.start()
        const versions = await app().evaluate(() => process.versions)
        return `Electron ${versions.electron}, V8 ${versions.v8}, Node of the shell ${versions.node}`
      },
    },
    {
      name: 'Four images are sampled',
      async work() {
        await show('sample')
        await startRun(page(), { Images: 4, Seed: 1 })
        await waitForImages(page(), 4)
        await status().getByText('Idle').waitFor()
      },
    },
    { name: 'GLib has complained of nothing', work: complaints },
    {
      name: 'Models: every device is tested',
      work: async () => (await testedDevices(page())).join('; '),
    },
    {
      name: 'Models: a folder and a file that are dropped are opened in place',
      async work() {
        await show('models')
        const folder = join(window.folder, 'dropped-folder')
        cpSync(join(DEMO, 'data'), folder, { recursive: true })
        const file = join(window.folder, 'dropped-file.ckpt')
        cpSync(join(DEMO, 'models/vqgan_demo.ckpt'), file)
        await dropPaths(page(), [folder, file])
        for (const path of [folder, file]) await sourceShown(page(), basename(path))
      },
    },
    {
      name: 'Clusters: an atlas, and its map, which a thread of the engine computes',
      async work() {
        await startDemoAtlas(page())
        await atlasShown(page())
        await startUmap(page())
        await umapShown(page())
      },
    },
    {
      name: 'The engine is killed: an error, and a working window again',
      async work() {
        process.kill(await enginePid(app()), 'SIGKILL')
        await problems().first().waitFor()
        await status().getByText('Connected').waitFor()
      },
    },
    {
      name: 'The page is killed: it is loaded again automatically',
      async work() {
        await app().evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer(),
        )
        await seconds(3)
        const title = await app().evaluate(({ BrowserWindow }) => {
          const { webContents } = BrowserWindow.getAllWindows()[0]!
          return webContents.isCrashed() ? 'crashed' : webContents.executeJavaScript('document.title')
        })
        if (!/DiGIT/.test(String(title))) throw new Error(`the page is ${String(title)}`)
        // Playwright has lost the page that crashed.
        await window.start()
      },
    },
    {
      name: 'File > Open Models... on a folder without models shows its problem',
      async work() {
        const empty = join(window.folder, 'photographs')
        mkdirSync(empty)
        const text = await openFromMenu(app(), empty)
        if (!text.includes('no models found')) throw new Error(`it says: ${text}`)
        return text
      },
    },
    {
      name: 'A second start hands its folder over and ends',
      async work() {
        const models = join(window.folder, 'second')
        cpSync(join(DEMO, 'data'), models, { recursive: true })
        const { status: code, stderr } = spawnSync(electron, window.words(models), {
          env: window.environment,
          encoding: 'utf8',
          timeout: PATIENCE_MS,
        })
        if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`)
        await show('models')
        await sourceShown(page(), 'second')
      },
    },
    {
      name: 'The page is reloaded during a run, and shows it',
      async work() {
        await show('sample')
        await startRun(page(), { Images: 200, Seed: 2 })
        await waitForImages(page(), 2)
        await page().reload()
        await waitForImages(page(), 2)
      },
    },
    {
      name: 'Quitting during a run is asked about, and a yes ends every process',
      async work() {
        const pid = await enginePid(app())
        const question = await quit(app())
        // Until its chunk has ended, and its work is noted.
        for (let waited = 0; waited < 15 && isAlive(pid); waited++) await seconds(1)
        if (isAlive(pid)) throw new Error('the engine is still there')
        return question
      },
    },
    {
      name: 'At the next start the run is resumed, and the page says so',
      async work() {
        await window.start()
        await page().getByText('Resumed the unfinished work of the last session (1 job)').waitFor()
        if ((await status().getByText('Idle').count()) > 0) throw new Error('nothing is running')
        await show('library')
        await page().locator('img').first().waitFor()
      },
    },
    { name: 'GLib has complained of nothing to the end', work: complaints },
  ]
}

/** Chooses File > Open Models... and a folder; what the dialog says then. */
const openFromMenu = (app: ElectronApplication, folder: string): Promise<string> =>
  app.evaluate(async ({ dialog, Menu }, folder) => {
    dialog.showOpenDialog = (async () => ({ canceled: false, filePaths: [folder] })) as never
    const said = new Promise<string>((tell) => {
      dialog.showMessageBox = (async (_window: unknown, { detail }: { detail: string }) => {
        tell(detail)
        return { response: 0, checkboxChecked: false }
      }) as never
    })
    const file = Menu.getApplicationMenu()!.items.find(({ label }) => label === 'File')!
    file.submenu!.items[0]!.click()
    return said
  }, folder)

/** Quits, and presses Quit in the question that follows; its words. */
const quit = (app: ElectronApplication): Promise<string> =>
  app.evaluate(async ({ app, dialog }) => {
    const said = new Promise<string>((tell) => {
      dialog.showMessageBox = (async (_window: unknown, asked: { message: string; detail: string }) => {
        tell(`${asked.message} ${asked.detail}`)
        return { response: 0, checkboxChecked: false }
      }) as never
    })
    setTimeout(() => app.quit(), 0)
    return said
  })

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
