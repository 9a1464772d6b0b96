// The journey in the desktop window: with Electron itself if installed, and always with its double.
import { describe, it, vi } from 'vitest'
import { openDesktopDouble } from './stage/desktop-double.ts'
import { missingForElectron, openElectron } from './stage/electron.ts'
import { journey } from './stage/journey.ts'

vi.mock('electron', () => import('../electron-double/electron.ts'))

const missing = missingForElectron()
if (missing === undefined) describe('in the window', () => journey('window', openElectron))
else it.skip(`in the window: not tested here, because ${missing}`, () => {})

describe("over Electron's double", () => journey('double', openDesktopDouble))
