// What the desktop window offers besides a browser; absent in one, and the page then does without.
import type { DesktopBridge } from '../shared/contract/desktop.ts'

declare global {
  interface Window {
    readonly digit?: DesktopBridge
  }
}

export const shell: DesktopBridge | undefined = globalThis.window?.digit
