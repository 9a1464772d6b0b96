// A page whose process crashed or does not respond: reloaded once automatically, then only if the user agrees.
import { app, dialog, type BrowserWindow } from 'electron'

/** Crashes further apart are unrelated. */
const MEMORY_MS = 60_000

export function recoverPage(window: BrowserWindow, now: () => number = Date.now): void {
  const { webContents } = window
  let last = -Infinity
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    const isFirst = now() - last > MEMORY_MS
    last = now()
    if (isFirst) webContents.reload()
    else void ask(`${reason}, exit code ${exitCode}`)
  })
  const ask = async (how: string) => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message: 'The page of the workbench ended again',
      detail: `It ended with: ${how}. The engine keeps running, and its results are kept.`,
      buttons: ['Load it again', 'Quit'],
      defaultId: 0,
      cancelId: 1,
    })
    if (response === 0) webContents.reload()
    else app.quit()
  }
  let isAsking = false
  window.on('unresponsive', () => {
    if (isAsking) return
    isAsking = true
    void askToWait(window).finally(() => (isAsking = false))
  })
}

async function askToWait(window: BrowserWindow): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: 'The page of the workbench does not answer',
    detail: 'The engine keeps running. A reloaded page shows its results.',
    buttons: ['Wait', 'Load it again'],
    defaultId: 0,
    cancelId: 0,
  })
  if (response === 0 || window.isDestroyed()) return
  // A process that does not respond cannot reload either.
  window.webContents.forcefullyCrashRenderer()
  window.webContents.reload()
}
