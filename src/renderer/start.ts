// Mounts the workbench, given an engine.
import { createApp } from 'vue'
import type { EngineConnection } from './engine.ts'
import { loadPages } from './pages.ts'
import { shell } from './shell.ts'
import WorkbenchApp from './pages/app/WorkbenchApp.vue'
import { followAddress } from './state/app/address.ts'
import { followTheme } from './state/app/appearance.ts'
import { report } from './state/app/problems.ts'
import { followEngineTrouble } from './state/app/engine-trouble.ts'
import { followEngine } from './state/app/session.ts'
import './styles/tokens.css'
import './styles/base.css'

/** Called once, by the entry that knows how to reach the engine. */
export function start(engine: EngineConnection): void {
  followTheme()
  followAddress()
  followEngine(engine)
  followEngineTrouble(shell)
  const app = createApp(WorkbenchApp)
  app.config.errorHandler = (error) => {
    report('Error on this page', error)
    console.error(error)
  }
  app.mount('#app')
  loadPages()
}
