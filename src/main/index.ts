// The desktop shell, as a table of contents: scheme, engine, page, window, menu.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, dialog, session } from 'electron'
import { answerPage } from './calls.ts'
import { startEngine } from './engine.ts'
import { setMenu } from './menu.ts'
import { denyPermissions, registerPageScheme, servePage } from './page.ts'
import { openWindow } from './window.ts'

const here = dirname(fileURLToPath(import.meta.url))
/** Folders of models may be named on the command line. */
const named = process.argv
  .slice(app.isPackaged ? 1 : 2)
  .filter((arg) => !arg.startsWith('-') && existsSync(arg))
  .map((path) => resolve(path))

app.enableSandbox()
registerPageScheme()
if (!app.requestSingleInstanceLock()) app.quit()
else void app.whenReady().then(open).catch(fail)

async function open(): Promise<void> {
  denyPermissions(session.defaultSession)
  await servePage(join(here, '../renderer'))
  // Without any the engine takes what was open the last time, or the demo.
  const engine = startEngine(join(here, 'engine.js'), { models: named })
  const window = openWindow(join(here, '../preload/index.cjs'))
  answerPage(window, engine)
  setMenu(window, engine)
  app.on('second-instance', () => window.focus())
  app.on('window-all-closed', () => app.quit())
  app.on('quit', () => engine.stop())
}

function fail(error: Error): void {
  dialog.showErrorBox('The workbench cannot start', error.message)
  app.exit(1)
}
