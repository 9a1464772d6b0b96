// The contract between the desktop shell and its page, in addition to the engine's contract.
import type { ExportTarget } from '../run/exports.ts'

/** A custom scheme: its pages have an origin and a policy, unlike files on disk. */
export const PAGE_SCHEME = 'app'
export const PAGE_ORIGIN = `${PAGE_SCHEME}://workbench`

/** Request of the page, answered with a port to the engine. */
export const PORT_CHANNEL = 'digit:port'
/** Reports to the page why the engine cannot start, or null. */
export const ENGINE_TROUBLE_CHANNEL = 'digit:engine-trouble'
/** Opens the dialog of the system. */
export const CHOOSE_CHANNEL = 'digit:choose'
/** Paths of files and folders dropped on the page. */
export const DROP_CHANNEL = 'digit:drop'
/** Copies an export to a folder that the user selects. */
export const SAVE_EXPORT_CHANNEL = 'digit:save-export'
/** Shows an export in the system's file manager. */
export const SHOW_EXPORT_CHANNEL = 'digit:show-export'

/** Purpose of files: models to open, or images to measure. */
export const FILE_PURPOSES = ['models', 'images'] as const
export type FilePurpose = (typeof FILE_PURPOSES)[number]

/** Marks the window message that carries that port to the page. */
export const PORT_MESSAGE = 'digit-engine'

/** The shell's answer to a call. A thrown error would reach the page with a prefix of Electron. */
export type ShellAnswer<T> = { readonly value: T } | { readonly error: string }

/** Why there is no engine: it ended before its first message. */
export interface EngineTrouble {
  /** One sentence: how it ended, and the first error it printed. */
  readonly message: string
  /** What it printed last. */
  readonly lines: readonly string[]
  /** The log file with everything. */
  readonly log: string
}

/** `window.digit`. */
export interface DesktopBridge {
  requestPort(): void
  /** Reports why the engine cannot start, and undefined once it has started. */
  onEngineTrouble(listener: (trouble: EngineTrouble | undefined) => void): void
  /** Shows the dialog of the system and opens the selection; false if cancelled. */
  choose(purpose: FilePurpose, what: 'folder' | 'file'): Promise<boolean>
  /** Opens dropped files and folders in place; the page itself never has their paths. */
  drop(purpose: FilePurpose, files: readonly File[]): Promise<void>
  /** Shows the dialog of the system and copies the export to the selected folder; false if cancelled. */
  saveExport(target: ExportTarget): Promise<boolean>
  showExport(target: ExportTarget): Promise<void>
}
