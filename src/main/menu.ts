// The application menu: the standard items, and Open Models.
import { Menu, type BrowserWindow } from 'electron'
import { chooseOrSay } from './dialogs.ts'
import type { DesktopEngine } from './engine.ts'

export function setMenu(window: BrowserWindow, engine: DesktopEngine): void {
  const openModels = {
    label: 'Open Models…',
    accelerator: 'CmdOrCtrl+O',
    click: () => void chooseOrSay(window, engine, 'models', 'folder'),
  }
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
      { label: 'File', submenu: [openModels, { type: 'separator' }, { role: 'quit' }] },
      { role: 'editMenu' },
      {
        label: 'View',
        submenu: [
          { role: 'reload' },
          { type: 'separator' },
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { type: 'separator' },
          { role: 'togglefullscreen' },
        ],
      },
      { role: 'windowMenu' },
    ]),
  )
}
