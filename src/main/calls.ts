// What the page asks of the shell itself; only our own page in its main frame is answered.
import { ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron'
import { OPEN_MODELS_CHANNEL, PAGE_ORIGIN, PORT_CHANNEL } from '../shared/desktop.ts'
import { chooseModels } from './dialogs.ts'
import type { DesktopEngine } from './engine.ts'

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
}
