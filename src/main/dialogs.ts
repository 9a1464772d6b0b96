// The system's dialogs: with the drop of files, the only place where a path enters the desktop workbench.
import { dialog, type BrowserWindow } from 'electron'
import type { DesktopEngine } from './engine.ts'

/** Opens the folder that a person chooses; false when none is. */
export async function chooseModels(window: BrowserWindow, engine: DesktopEngine): Promise<boolean> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open models',
    message: 'A folder with DiGIT checkpoints, as the model card lays it out or otherwise',
    properties: ['openDirectory', 'multiSelections'],
  })
  if (canceled || filePaths.length === 0) return false
  await engine.addModels(filePaths)
  return true
}
