// Where the shell finds the engine and a Node for it, and where it keeps Electron's own data.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeProgram } from './node-engine.ts'

export interface Installation {
  /** Folder of the built shell. */
  readonly built: string
  readonly isPackaged: boolean
  /** Electron's `process.resourcesPath`. */
  readonly resources: string
  readonly environment: NodeJS.ProcessEnv
}

export const engineModule = ({ built }: Pick<Installation, 'built'>): string => join(built, 'engine.js')

/** An installed application includes a Node; `npm start` passes the one it runs under. */
export function nodeProgram(installation: Installation): NodeProgram {
  const { isPackaged, resources, environment } = installation
  // Both would change how that Node runs.
  const { NODE_OPTIONS, ELECTRON_RUN_AS_NODE: _, ...rest } = environment
  return {
    node: isPackaged
      ? join(resources, 'node')
      : (environment.DIGIT_NODE ?? environment.npm_node_execpath ?? 'node'),
    // A plain Node cannot read the archive, so everything that the engine needs is next to it as files.
    module: engineModule(installation).replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked'),
    environment: isPackaged || NODE_OPTIONS === undefined ? rest : { ...rest, NODE_OPTIONS },
  }
}

/**
 * Electron's own folder. On macOS it must not be the workspace: 0.1 had both in `~/Library/Application
 * Support/digit-workbench`, caches among the runs.
 */
export const ownFolder = (applicationData: string, platform: string): string =>
  join(applicationData, platform === 'darwin' ? 'DiGIT Workbench' : 'digit-workbench')

/** Electron's data in a folder of 0.1: what to keep, and what to delete. */
const KEPT = ['Local Storage', 'Preferences']

/** Moves the data of the window of 0.1 out of the workspace. Data that cannot be moved is lost. */
export function moveOwnData(workspace: string, own: string): void {
  if (existsSync(own) || !KEPT.some((name) => existsSync(join(workspace, name)))) return
  mkdirSync(own, { recursive: true })
  for (const name of KEPT)
    try {
      renameSync(join(workspace, name), join(own, name))
    } catch {
      // Only settings of the page, which then have their defaults.
    }
}
