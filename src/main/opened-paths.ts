// The command line -> the folders of models on it.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

export interface CommandLine {
  /** The whole of `process.argv`: Electron leaves its own flags in it. */
  readonly argv: readonly string[]
  /** Of the application, as Electron knows it: its folder or its archive. */
  readonly appPath: string
  /** False if the application was given to Electron on its command line. */
  readonly isPackaged: boolean
  readonly folder: string
}

/** Whole paths of what exists, in the order given. */
export function openedPaths({ argv, appPath, isPackaged, folder }: CommandLine): string[] {
  const application = argv.findIndex(
    (arg, i) => i > 0 && !arg.startsWith('-') && resolve(folder, arg) === resolve(appPath),
  )
  // Whoever names the application by one of its files has named it first.
  const named = argv.findIndex((arg, i) => i > 0 && !arg.startsWith('-'))
  const before = isPackaged ? 0 : application > 0 ? application : Math.max(0, named)
  return argv
    .slice(before + 1)
    .filter((arg) => !arg.startsWith('-'))
    .map((arg) => resolve(folder, arg))
    .filter((path) => existsSync(path))
}
