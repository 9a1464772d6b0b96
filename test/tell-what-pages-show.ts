// Where a test fails, what its pages show at that moment: a wait that ran out says only what did not come.
import { afterEach } from 'vitest'
import { openTabs } from './e2e/stage/open-tabs.ts'

const SHOWN = 1500

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return
  for (const tab of openTabs) {
    const text = await tab
      .locator('body')
      .innerText({ timeout: 5000 })
      .catch(() => 'it does not answer')
    console.error(`${new URL(tab.url()).hash} shows: ${text.replace(/\s+/g, ' ').slice(0, SHOWN)}`)
  }
})
