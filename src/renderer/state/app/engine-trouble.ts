// Why the engine of the desktop window cannot start, as reported by the shell.
import { shallowRef } from 'vue'
import type { DesktopBridge, EngineTrouble } from '../../../shared/contract/desktop.ts'
import { report } from './problems.ts'
import { ready } from './session.ts'

/** Undefined if there is no problem; in a browser, the host prints problems to its terminal. */
export const engineTrouble = shallowRef<EngineTrouble>()

export function followEngineTrouble(bridge: Pick<DesktopBridge, 'onEngineTrouble'> | undefined): void {
  bridge?.onEngineTrouble((trouble) => {
    engineTrouble.value = trouble && Object.freeze(trouble)
    // A page that shows results keeps them and shows the problem as well.
    if (trouble && ready.value)
      report('The engine cannot start', new Error(`${trouble.message} (${trouble.log})`))
  })
}
