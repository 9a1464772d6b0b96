// What the page asks of the shell itself; only our own page in its main frame is answered.
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
} from '../shared/contract/desktop.ts'
import type { ExportTarget } from '../shared/run/exports.ts'
import { choose, saveExport, showExport } from './dialogs.ts'
import type { DesktopEngine } from './engine.ts'

/** As many as the engine takes at once. */
const MAX_DROPPED = 1000

export function answerPage(window: BrowserWindow, engine: DesktopEngine): void {
  const isOwnPage = ({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent) =>
    sender === window.webContents &&
    senderFrame === window.webContents.mainFrame &&
    senderFrame.origin === PAGE_ORIGIN

  ipcMain.on(PORT_CHANNEL, (event) => {
    if (isOwnPage(event)) engine.joinPage(event.sender)
  })
  ipcMain.handle(CHOOSE_CHANNEL, async (event, purpose: unknown, what: unknown) => {
    if (!isOwnPage(event)) throw new Error(`${CHOOSE_CHANNEL}: not asked by the workbench's own page`)
    return choose(window, engine, purposeOf(purpose), what === 'file' ? 'file' : 'folder')
  })
  ipcMain.handle(DROP_CHANNEL, async (event, purpose: unknown, paths: unknown) => {
    if (!isOwnPage(event)) throw new Error(`${DROP_CHANNEL}: not asked by the workbench's own page`)
    const isPath = (path: unknown): path is string => typeof path === 'string' && isAbsolute(path)
    if (!Array.isArray(paths) || paths.length === 0 || paths.length > MAX_DROPPED || !paths.every(isPath))
      throw new Error('what was dropped is no file or folder of this machine')
    await engine.add(purposeOf(purpose), paths)
  })
  // What a target may be is checked by the engine, as for every call.
  const onExport = (channel: string, work: (target: ExportTarget) => Promise<unknown>) =>
    ipcMain.handle(channel, async (event, target: ExportTarget) => {
      if (!isOwnPage(event)) throw new Error(`${channel}: not asked by the workbench's own page`)
      return work(target)
    })
  onExport(SAVE_EXPORT_CHANNEL, (target) => saveExport(window, engine, target))
  onExport(SHOW_EXPORT_CHANNEL, (target) => showExport(engine, target))
}

function purposeOf(asked: unknown): FilePurpose {
  const purpose = FILE_PURPOSES.find((purpose) => purpose === asked)
  if (!purpose) throw new Error(`${String(asked)}: files are taken as ${FILE_PURPOSES.join(' or ')}`)
  return purpose
}
