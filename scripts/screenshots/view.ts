// A view of the workbench to take a picture of: a row in its page's table in views/.
import type { Page } from 'playwright-core'
import type { Workbench } from '../../test/e2e/stage/workbench.ts'

/** A workbench over the demo with an empty workspace, and the tab that the views of one page share. */
export interface Stage {
  readonly workbench: Workbench
  readonly tab: Page
  /** Navigates the tab to an address: `#/clusters`. */
  go(hash: string): Promise<void>
}

export interface View {
  /** Name of the picture: `clusters-map`. */
  readonly name: string
  /** Navigates from the state after the view above to this view, and waits for its contents. */
  prepare(stage: Stage): Promise<unknown>
  /** Milliseconds until pictures and charts are still. */
  readonly settle?: number
  /** Repeated in each window: scroll position and pointer. */
  place?(stage: Stage): Promise<unknown>
  /** Resets what the views below should not see. */
  afterwards?(stage: Stage): Promise<unknown>
}

/** The views of one page in the order they are taken. */
export interface PageOfViews {
  /** Start address of the tab. */
  readonly start: string
  /** Fills the workspace before the tab is opened. */
  before?(workspace: string): Promise<unknown>
  readonly views: readonly View[]
}
