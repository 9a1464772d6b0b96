// Tabs that tests have open: what they show is printed where a test fails (test/tell-what-pages-show.ts).
import type { Page } from 'playwright-core'

/** Timeout for one action on a shared machine. */
export const TIMEOUT_MS = 90_000

export const openTabs = new Set<Page>()

/** Follows a tab that a test has opened; `errors` gets what it logs or throws. */
export function followTab(tab: Page, errors: string[]): void {
  openTabs.add(tab)
  tab.once('close', () => openTabs.delete(tab))
  tab.setDefaultTimeout(TIMEOUT_MS)
  tab.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  tab.on('pageerror', (error) => errors.push(error.message))
}
