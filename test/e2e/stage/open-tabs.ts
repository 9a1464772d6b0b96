// Tabs that tests have open: what they show is printed where a test fails (test/tell-what-pages-show.ts).
import type { Page } from 'playwright-core'

export const openTabs = new Set<Page>()
