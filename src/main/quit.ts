// Closing the window while the engine works: a person is asked first. Runs, sweeps and probes can be
// resumed at the next start; measurements and atlases begin again.
import { app, dialog, powerMonitor, type BrowserWindow } from 'electron'
import type { RemoteHostApi } from '../shared/contract/calls.ts'
import type { DesktopEngine } from './engine.ts'

/** An engine that does not answer so long computes. */
const ANSWER_MS = 1500

export function askBeforeQuitting(window: BrowserWindow, engine: DesktopEngine): void {
  let mayClose = false
  let isAsking = false
  const close = () => {
    mayClose = true
    app.quit()
  }
  window.on('close', (event) => {
    if (mayClose) return
    event.preventDefault()
    if (isAsking) return
    isAsking = true
    void mayQuit(window, engine)
      .then((yes) => yes && close())
      .finally(() => (isAsking = false))
  })
  // Neither the system's end nor a signal waits for an answer.
  window.on('query-session-end', () => (mayClose = true))
  powerMonitor.on('shutdown', () => (mayClose = true))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, close)
    // Without a window, signals end the process again.
    app.once('quit', () => process.off(signal, close))
  }
}

async function mayQuit(window: BrowserWindow, engine: DesktopEngine): Promise<boolean> {
  const host = engine.host()
  if (!host || !(await isAtWork(host))) return true
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: 'Work is not finished. Quit all the same?',
    detail:
      'What is finished is kept. At the next start runs, sweeps and probes can be resumed where they stopped.',
    buttons: ['Quit', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  })
  return response === 0
}

type Job = { readonly status: { readonly state: string }; readonly elsewhere?: boolean }

async function isAtWork(host: RemoteHostApi): Promise<boolean> {
  const jobs = async (): Promise<readonly Job[]> => {
    const [{ runs }, ...others] = await Promise.all([
      host.snapshot(),
      host.listSweeps(),
      host.listEvaluations(),
      host.listAtlases(),
      host.listProbes(),
    ])
    return [...runs.filter(({ elsewhere }) => !elsewhere), ...others.flat()]
  }
  let timer: ReturnType<typeof setTimeout>
  const patience = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), ANSWER_MS)))
  const found = jobs().then(
    (all) => all.some(({ status }) => status.state === 'queued' || status.state === 'running'),
    // An engine that just died does no work.
    () => false,
  )
  return Promise.race([found, patience]).finally(() => clearTimeout(timer))
}
