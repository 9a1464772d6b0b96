// Calls of the page to the shell; only our own page in its main frame is answered.
import { isAbsolute } from 'node:path'
import { ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron'
import {
  CHOOSE_CHANNEL,
  DROP_CHANNEL,
  FILE_PURPOSES,
  PAGE_ORIGIN,
  PORT_CHANNEL,
  SAVE_EXPORT_CHANNEL,
  SHOW_EXPORT_CHANNEL,
  type FilePurpose,
  type ShellAnswer,
} from '../shared/contract/desktop.ts'
import type { ExportTarget } from '../shared/run/exports.ts'
import { choose, saveExport, showExport } from './dialogs.ts'
import type { DesktopEngine } from './engine.ts'

/** As many as the engine accepts at once. */
const MAX_DROPPED = 1000

export function answerPage(window: BrowserWindow, engine: DesktopEngine): void {
  const isOwnPage = ({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent) =>
    sender === window.webContents &&
    senderFrame === window.webContents.mainFrame &&
    senderFrame.origin === PAGE_ORIGIN

  ipcMain.on(PORT_CHANNEL, (event) => {
    if (isOwnPage(event)) engine.joinPage(event.sender)
  })
  const answer = (channel: string, work: (...args: readonly unknown[]) => Promise<unknown>) =>
    ipcMain.handle(channel, async (event, ...args: readonly unknown[]): Promise<ShellAnswer<unknown>> => {
      if (!isOwnPage(event))
        throw new Error(`${channel}: request rejected (expected the workbench's own page)`)
      return work(...args).then(
        (value) => ({ value }),
        (error: Error) => ({ error: error.message }),
      )
    })
  answer(CHOOSE_CHANNEL, async (purpose, what) =>
    choose(window, engine, purposeOf(purpose), what === 'file' ? 'file' : 'folder'),
  )
  answer(DROP_CHANNEL, async (purpose, paths) => {
    const isPath = (path: unknown): path is string => typeof path === 'string' && isAbsolute(path)
    if (!Array.isArray(paths) || paths.length === 0 || paths.length > MAX_DROPPED || !paths.every(isPath))
      throw new Error(`dropped items: expected 1 to ${MAX_DROPPED} files or folders on this machine`)
    await engine.add(purposeOf(purpose), paths)
  })
  // The engine checks the target, as for every call.
  answer(SAVE_EXPORT_CHANNEL, async (target) => saveExport(window, engine, target as ExportTarget))
  answer(SHOW_EXPORT_CHANNEL, async (target) => showExport(engine, target as ExportTarget))
}

function purposeOf(asked: unknown): FilePurpose {
  const purpose = FILE_PURPOSES.find((purpose) => purpose === asked)
  if (!purpose) throw new Error(`${String(asked)}: unknown purpose (expected ${FILE_PURPOSES.join(' or ')})`)
  return purpose
}
