// The desktop shell, as a table of contents: scheme, engine, page, window, menu.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, BrowserWindow, dialog, session } from 'electron'
import type { EngineTrouble } from '../shared/contract/desktop.ts'
import { answerPage } from './calls.ts'
import { sayProblem } from './dialogs.ts'
import { engineLog } from './engine-log.ts'
import { startEngine } from './engine.ts'
import { setMenu } from './menu.ts'
import { nodeEngine } from './node-engine.ts'
import { openedPaths } from './opened-paths.ts'
import { denyPermissions, registerPageScheme, servePage } from './page.ts'
import { recoverPage } from './page-recovery.ts'
import { engineModule, moveOwnData, nodeProgram, ownFolder } from './places.ts'
import { askBeforeQuitting } from './quit.ts'
import { isFirstStart, welcomeSecondStarts } from './second-start.ts'
import { utilityEngine } from './utility-engine.ts'
import { openWindow } from './window.ts'

const installation = {
  built: dirname(fileURLToPath(import.meta.url)),
  isPackaged: app.isPackaged,
  resources: process.resourcesPath,
  environment: process.env,
}
/** Model folders may be passed on the command line. */
const models = openedPaths({
  argv: process.argv,
  appPath: app.getAppPath(),
  isPackaged: app.isPackaged,
  folder: process.cwd(),
})

if (!app.commandLine.hasSwitch('user-data-dir')) keepOwnData(app.getPath('appData'))
app.enableSandbox()
registerPageScheme()
if (isFirstStart(models)) void app.whenReady().then(open).catch(fail)
else {
  console.error('The workbench is open already. Its window opens what was named.')
  app.quit()
}

async function open(): Promise<void> {
  denyPermissions(session.defaultSession)
  await servePage(join(installation.built, '../renderer'))
  const log = engineLog(
    join(app.getPath('logs'), 'engine.log'),
    app.isPackaged ? undefined : (text) => process.stderr.write(text),
  )
  const begin =
    process.platform === 'linux'
      ? nodeEngine(nodeProgram(installation))
      : utilityEngine(engineModule(installation))
  // Without models the engine opens those of the last session, or the demo.
  const engine = startEngine(begin, { models, resumesWork: true }, { log, cannotStart: sayNoEngine })
  const icon = join(installation.built, '../../resources/icon/icon-1024.png')
  const window = openWindow(
    {
      preload: join(installation.built, '../preload/index.cjs'),
      ...(process.platform === 'linux' && existsSync(icon) ? { icon } : {}),
    },
    fail,
  )
  answerPage(window, engine)
  setMenu(window, engine)
  recoverPage(window)
  askBeforeQuitting(window, engine)
  welcomeSecondStarts(window, engine)
  app.on('window-all-closed', () => app.quit())
  app.on('quit', () => engine.stop())
}

/** The window's own data, apart from the workspace; a folder of 0.1 on macOS had both. */
function keepOwnData(applicationData: string): void {
  const own = ownFolder(applicationData, process.platform)
  if (process.platform === 'darwin') moveOwnData(join(applicationData, 'digit-workbench'), own)
  app.setPath('userData', own)
}

function sayNoEngine(trouble: EngineTrouble): void {
  const [window] = BrowserWindow.getAllWindows()
  const detail = `${trouble.message}\n\nIt restarts automatically. Its output: ${trouble.log}`
  if (window) void sayProblem(window, 'The engine of the workbench cannot start', detail)
}

function fail(error: Error): void {
  dialog.showErrorBox('Cannot start the workbench', error.message)
  app.exit(1)
}
