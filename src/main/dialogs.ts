// System dialogs: besides dropped files, the only way for a path to enter the desktop workbench.
import { dialog, shell, type BrowserWindow } from 'electron'
import type { FilePurpose } from '../shared/contract/desktop.ts'
import type { ExportTarget } from '../shared/run/exports.ts'
import type { DesktopEngine } from './engine.ts'

const WORDS: Readonly<Record<FilePurpose, { readonly title: string; readonly message: string }>> = {
  models: {
    title: 'Open models',
    message: 'DiGIT checkpoints, in the layout of the model card or any other',
  },
  images: {
    title: 'Add images to measure',
    message: 'A folder of images, an ADM batch or a file of statistics (.npz)',
  },
}

/**
 * Opens what the user chooses; false if the dialog was cancelled. Some systems show folders or files, but not
 * both.
 */
export async function choose(
  window: BrowserWindow,
  engine: DesktopEngine,
  purpose: FilePurpose,
  what: 'folder' | 'file',
): Promise<boolean> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    ...WORDS[purpose],
    properties: [what === 'file' ? 'openFile' : 'openDirectory', 'multiSelections'],
  })
  if (canceled || filePaths.length === 0) return false
  await engine.add(purpose, filePaths)
  return true
}

/** Like `choose`, for callers without a page to show a problem. */
export async function chooseOrSay(...asked: Parameters<typeof choose>): Promise<void> {
  const [window] = asked
  await choose(...asked).catch((error: Error) =>
    sayProblem(window, 'The models cannot be opened', error.message),
  )
}

/** A modal dialog; `detail` is shown below the message in smaller letters. */
export async function sayProblem(window: BrowserWindow, message: string, detail: string): Promise<void> {
  await dialog.showMessageBox(window, { type: 'error', message, detail })
}

/** Copies an export to a folder the user chooses, asking before anything is overwritten. */
export async function saveExport(
  window: BrowserWindow,
  engine: DesktopEngine,
  target: ExportTarget,
): Promise<boolean> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Save the exported files',
    message: 'Choose the folder to copy the files to',
    buttonLabel: 'Save here',
    properties: ['openDirectory', 'createDirectory'],
  })
  const [folder] = filePaths
  if (canceled || folder === undefined) return false
  try {
    shell.showItemInFolder(await engine.copyExport(target, folder, false))
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConflictError') throw error
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      message: error.message,
      detail: 'Files with the same name will be replaced.',
      buttons: ['Replace', 'Cancel'],
      defaultId: 1,
      cancelId: 1,
    })
    if (response !== 0) return false
    shell.showItemInFolder(await engine.copyExport(target, folder, true))
  }
  return true
}

/** Shows an export in its folder. It is not opened: what a system does with a folder depends on its name. */
export async function showExport(engine: DesktopEngine, target: ExportTarget): Promise<void> {
  shell.showItemInFolder(await engine.exportPath(target))
}
