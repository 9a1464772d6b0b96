// What the desktop window offers beyond a browser; undefined in a browser.
import type { DesktopBridge } from '../shared/contract/desktop.ts'

declare global {
  interface Window {
    readonly digit?: DesktopBridge
  }
}

export const shell: DesktopBridge | undefined = globalThis.window?.digit
