// A second start of the application opens its folders in the window of the first one.
import { app, type BrowserWindow } from 'electron'
import { sayProblem } from './dialogs.ts'
import type { DesktopEngine } from './engine.ts'

interface SecondStart {
  readonly models: readonly string[]
}

/** False for a second start, which has passed on the folders to open. */
export function isFirstStart(models: readonly string[]): boolean {
  return app.requestSingleInstanceLock({ models } satisfies SecondStart)
}

export function welcomeSecondStarts(window: BrowserWindow, engine: DesktopEngine): void {
  app.on('second-instance', (_event, _argv, _folder, told) => {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
    const paths = modelsOf(told)
    if (paths.length > 0)
      engine
        .add('models', paths)
        .catch((error: Error) => sayProblem(window, 'The models cannot be opened', error.message))
  })
}

/** Another version of the program may send something else. */
function modelsOf(told: unknown): readonly string[] {
  const { models } = (told ?? {}) as Partial<SecondStart>
  return Array.isArray(models) ? models.filter((path) => typeof path === 'string') : []
}
