// What keeps the engine of the desktop window from starting, as the shell tells it.
import { shallowRef } from 'vue'
import type { DesktopBridge, EngineTrouble } from '../../../shared/contract/desktop.ts'
import { report } from './problems.ts'
import { ready } from './session.ts'

/** Undefined while nothing does; a browser's host prints it where it was started. */
export const engineTrouble = shallowRef<EngineTrouble>()

export function followEngineTrouble(bridge: Pick<DesktopBridge, 'onEngineTrouble'> | undefined): void {
  bridge?.onEngineTrouble((trouble) => {
    engineTrouble.value = trouble && Object.freeze(trouble)
    // A page that shows results keeps them, and tells beside them.
    if (trouble && ready.value)
      report('The engine cannot start', new Error(`${trouble.message} (${trouble.log})`))
  })
}
