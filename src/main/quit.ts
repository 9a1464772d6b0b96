// Quitting while the engine works: asks the user first. Open work is left to the next start, which resumes it.
import { app, dialog, powerMonitor, type BrowserWindow } from 'electron'
import type { DesktopEngine } from './engine.ts'

/** An engine that does not answer within this time is computing. */
const ANSWER_MS = 1500
/** Time for an engine to end its chunk and note its work; then it is stopped. */
const LEAVE_MS = 5000

export function askBeforeQuitting(window: BrowserWindow, engine: DesktopEngine): void {
  let mayClose = false
  let isAsking = false
  let leaving: Promise<void> | undefined
  const leave = () =>
    (leaving ??= leaveWork(engine).then(() => {
      mayClose = true
      app.quit()
    }))
  window.on('close', (event) => {
    if (mayClose) return
    event.preventDefault()
    if (isAsking || leaving) return
    isAsking = true
    void mayQuit(window, engine)
      .then((yes) => (yes ? leave() : undefined))
      .finally(() => (isAsking = false))
  })
  // Shutdown and signals do not wait for an answer of the user, but for the note.
  const delayed = (event: { preventDefault(): void }) => {
    event.preventDefault()
    void leave()
  }
  // The event is documented by Electron but missing in its types.
  powerMonitor.on('shutdown', delayed as () => void)
  // Windows does not wait.
  window.on('query-session-end', () => {
    mayClose = true
    void leave()
  })
  const signalled = () => void leave()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, signalled)
    // Without a window, signals end the process again.
    app.once('quit', () => process.off(signal, signalled))
  }
}

async function mayQuit(window: BrowserWindow, engine: DesktopEngine): Promise<boolean> {
  const open = engine.host()?.openWork()
  // An engine that just crashed has no work.
  const jobs = await within(ANSWER_MS, open?.catch(() => 0) ?? Promise.resolve(0))
  if (jobs === 0) return true
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'Work is not finished. Quit all the same?',
    detail: 'What is finished is kept. The rest resumes at the next start.',
    buttons: ['Quit', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  })
  return response === 0
}

async function leaveWork(engine: DesktopEngine): Promise<void> {
  const left = engine.host()?.leaveWork()
  // Work that could not be noted can still be resumed on its page.
  await within(LEAVE_MS, left?.catch(() => {}) ?? Promise.resolve())
}

/** The result, or undefined after this many milliseconds. */
function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout>
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds)
  })
  return Promise.race([work, patience]).finally(() => clearTimeout(timer))
}
