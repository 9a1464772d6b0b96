// What a picture is taken of: a view of the workbench, as a row of its page's table in views/.
import type { Page } from 'playwright-core'
import type { Workbench } from '../../test/e2e/workbench.ts'

/** A workbench over the demo with an empty workspace, and the tab that the views of one page share. */
export interface Stage {
  readonly workbench: Workbench
  readonly tab: Page
  /** Takes the tab to an address: `#/clusters`. */
  go(hash: string): Promise<void>
}

export interface View {
  /** Name of the picture: `clusters-map`. */
  readonly name: string
  /** Brings the tab to the view from where the view above left it, and waits for what has to be there. */
  prepare(stage: Stage): Promise<unknown>
  /** Milliseconds until pictures and charts are still. */
  readonly settle?: number
  /** What a window of another size needs anew: where it is scrolled to, where the pointer is. */
  place?(stage: Stage): Promise<unknown>
  /** Puts back what the views below should not find. */
  afterwards?(stage: Stage): Promise<unknown>
}

/** The views of one page in the order they are taken in. */
export interface PageOfViews {
  /** Where the tab is opened. */
  readonly start: string
  /** Fills the workspace before the tab is opened. */
  before?(workspace: string): Promise<unknown>
  readonly views: readonly View[]
}
