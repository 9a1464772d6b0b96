// The command line -> the folders of models on it.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

export interface CommandLine {
  /** The whole of `process.argv`: Electron leaves its own flags in it. */
  readonly argv: readonly string[]
  /** Path of the application in Electron: its folder or archive. */
  readonly appPath: string
  /** False if the application is an argument of Electron. */
  readonly isPackaged: boolean
  readonly folder: string
}

/** Absolute paths of existing arguments, in order. */
export function openedPaths({ argv, appPath, isPackaged, folder }: CommandLine): string[] {
  const application = argv.findIndex(
    (arg, i) => i > 0 && !arg.startsWith('-') && resolve(folder, arg) === resolve(appPath),
  )
  // The application may be given by one of its files, as the first argument.
  const named = argv.findIndex((arg, i) => i > 0 && !arg.startsWith('-'))
  const before = isPackaged ? 0 : application > 0 ? application : Math.max(0, named)
  return argv
    .slice(before + 1)
    .filter((arg) => !arg.startsWith('-'))
    .map((arg) => resolve(folder, arg))
    .filter((path) => existsSync(path))
}
