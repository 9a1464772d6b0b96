// What the page asks of the shell itself; only our own page in its main frame is answered.
import { isAbsolute } from 'node:path'
import { ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron'
import {
  DROP_MODELS_CHANNEL,
  OPEN_MODELS_CHANNEL,
  PAGE_ORIGIN,
  PORT_CHANNEL,
  SAVE_EXPORT_CHANNEL,
  SHOW_EXPORT_CHANNEL,
} from '../shared/desktop.ts'
import type { ExportTarget } from '../shared/workspace-exports.ts'
import { chooseModels, saveExport, showExport } from './dialogs.ts'
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
  ipcMain.handle(OPEN_MODELS_CHANNEL, async (event) => {
    if (!isOwnPage(event)) throw new Error(`${OPEN_MODELS_CHANNEL}: not asked by the workbench's own page`)
    return chooseModels(window, engine)
  })
  ipcMain.handle(DROP_MODELS_CHANNEL, async (event, paths: unknown) => {
    if (!isOwnPage(event)) throw new Error(`${DROP_MODELS_CHANNEL}: not asked by the workbench's own page`)
    const isPath = (path: unknown): path is string => typeof path === 'string' && isAbsolute(path)
    if (!Array.isArray(paths) || paths.length === 0 || paths.length > MAX_DROPPED || !paths.every(isPath))
      throw new Error('what was dropped is no file or folder of this machine')
    await engine.addModels(paths)
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
