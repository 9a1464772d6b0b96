// Serious accessibility violations found by axe.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const CONTRAST = 'color-contrast'
/** All rules in light colors, contrast in dark ones, too: nothing else depends on them. */
const SCHEMES = [
  ['light', {}],
  ['dark', { runOnly: [CONTRAST] }],
] as const
/** All rules but the one that takes longest. */
const NO_CONTRAST = [['light', { rules: { [CONTRAST]: { enabled: false } } }]] as const

/** Nothing is said of what passes, and no style sheet is fetched again for rules that are not looked at. */
const ONLY_VIOLATIONS = { resultTypes: ['violations'], preload: false }

/**
 * Serious and critical ones, with the elements they are about; needs a context with `bypassCSP`. `contrast` is false where
 * another test has looked at the same colors.
 */
export async function violations(page: Page, { contrast = true } = {}): Promise<string[]> {
  await page.evaluate(AXE)
  const found: string[] = []
  for (const [colorScheme, options] of contrast ? SCHEMES : NO_CONTRAST) {
    await page.emulateMedia({ colorScheme })
    // Colors change over some frames.
    await page.evaluate('for (const moving of document.getAnimations()) moving.finish()')
    const there = await page.evaluate<string[]>(
      `axe.run(${JSON.stringify({ ...ONLY_VIOLATIONS, ...options })}).then(({violations}) => violations
        .filter(({impact}) => impact === 'serious' || impact === 'critical')
        .map(({id, nodes}) => id + ': ' + nodes.slice(0, 3).map(({html}) => html.slice(0, 160)).join(' | ')))`,
    )
    found.push(...there.map((one) => `${colorScheme}: ${one}`))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  return found
}
