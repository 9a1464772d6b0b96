// What the desktop shell and its page agree on besides the engine's contract.
import type { ExportTarget } from '../run/exports.ts'

/** A scheme of our own: its pages have an origin and a policy, and no file on the disk has them. */
export const PAGE_SCHEME = 'app'
export const PAGE_ORIGIN = `${PAGE_SCHEME}://workbench`

/** Asked by the page, answered with a port to the engine. */
export const PORT_CHANNEL = 'digit:port'
/** Tells the page what keeps the engine from starting, or null. */
export const ENGINE_TROUBLE_CHANNEL = 'digit:engine-trouble'
/** Asks for the system's dialog. */
export const CHOOSE_CHANNEL = 'digit:choose'
/** Paths of files and folders that were dropped on the page. */
export const DROP_CHANNEL = 'digit:drop'
/** Copies an export into a folder that a person chooses. */
export const SAVE_EXPORT_CHANNEL = 'digit:save-export'
/** Shows an export in the system's file manager. */
export const SHOW_EXPORT_CHANNEL = 'digit:show-export'

/** What files are taken for: models to open, or images to measure. */
export const FILE_PURPOSES = ['models', 'images'] as const
export type FilePurpose = (typeof FILE_PURPOSES)[number]

/** What a message of the window says when it brings that port to the page. */
export const PORT_MESSAGE = 'digit-engine'

/** What the shell answers to a call: a thrown error would reach the page with Electron's own words before it. */
export type ShellAnswer<T> = { readonly value: T } | { readonly error: string }

/** Why there is no engine: it ended before it could say anything. */
export interface EngineTrouble {
  /** One sentence: how it ended, and the first error it printed. */
  readonly message: string
  /** What it printed last. */
  readonly lines: readonly string[]
  /** The file with all of it. */
  readonly log: string
}

/** `window.digit`. */
export interface DesktopBridge {
  requestPort(): void
  /** Told of what keeps the engine from starting, and undefined once it has started. */
  onEngineTrouble(listener: (trouble: EngineTrouble | undefined) => void): void
  /** Shows the system's dialog and takes what is chosen there; false when nothing is. */
  choose(purpose: FilePurpose, what: 'folder' | 'file'): Promise<boolean>
  /** Opens dropped files and folders in place; the page itself never has their paths. */
  drop(purpose: FilePurpose, files: readonly File[]): Promise<void>
  /** Shows the system's dialog and copies the export into what is chosen there; false when nothing is. */
  saveExport(target: ExportTarget): Promise<boolean>
  showExport(target: ExportTarget): Promise<void>
}
