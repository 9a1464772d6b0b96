// Every page in small windows, as at 200 % zoom of a common screen: each control can be reached and hit, no title
// is cut, and axe finds nothing serious.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { violations } from './stage/accessibility.ts'
import { openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

let workbench: Workbench
let tab: Page
let run = ''
beforeAll(async () => {
  workbench = await openWorkbench()
  tab = await workbench.visit('#/sample', { bypassCSP: true })
  await startRun(tab, { Images: 2, Seed: 3 })
  await waitForImages(tab, 2)
  run = (await (await workbench.api()).snapshot()).runs[0]!.id
})
afterAll(() => workbench?.close())

/** Controls whose middle is outside the window or under something else after scrolling to them, or too small to hit. */
const OUT_OF_REACH = `(() => {
  const found = []
  for (const control of document.querySelectorAll('button, a[href], input, select, textarea')) {
    if (control.type === 'file') continue
    if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
    control.scrollIntoView({ block: 'center', inline: 'center' })
    const { x, y, width, height } = control.getBoundingClientRect()
    if (width === 0 || height === 0) continue
    const name = (control.getAttribute('aria-label') ?? control.textContent).trim().slice(0, 40)
    const told = control.tagName.toLowerCase() + ' ' + name
    const top = document.elementFromPoint(x + width / 2, y + height / 2)
    const isHit = top && (control.contains(top) || top.contains(control) || top.closest('label')?.contains(control))
    if (!isHit) found.push(told + ': ' + (top ? 'under ' + top.tagName.toLowerCase() : 'outside the window'))
    const isTarget = control.tagName !== 'A' && control.type !== 'checkbox' && control.type !== 'radio'
    if (isTarget && Math.min(width, height) < 23.5) found.push(told + ': ' + width + ' x ' + height + ' px')
  }
  return [...new Set(found)]
})()`

/** Forms that are wider than their panel: a scroll to a field then hides the labels. */
const SIDEWAYS = `(() => {
  const found = []
  for (const control of document.querySelectorAll('input, select, textarea')) {
    let panel = control.parentElement
    while (panel && !/auto|scroll/.test(getComputedStyle(panel).overflowX)) panel = panel.parentElement
    if (!panel || panel.querySelector('table') || panel.scrollWidth <= panel.clientWidth + 1) continue
    const { right } = panel.getBoundingClientRect()
    const wide = [...panel.querySelectorAll('*')].find((one) => one.getBoundingClientRect().right > right + 1)
    found.push('scrolls sideways: ' + panel.className + ' for ' + (wide?.textContent ?? '').trim().slice(0, 40))
  }
  return [...new Set(found)]
})()`

/** Titles, the facts beside them and heads of columns that are cut: a number that ends in dots is another number. */
const CUT = `[...document.querySelectorAll('main h1, main header p *, main header .title *, main thead th *, main thead th')]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).overflowX !== 'visible' && getComputedStyle(one).clipPath === 'none')
  .map((one) => 'cut: ' + one.textContent.trim().slice(0, 60))`

const pages = (): readonly string[] => [
  '#/sample',
  `#/sample/${run}/0?cell=20`,
  `#/library/${run}`,
  `#/inspect/${run}/0?cell=20`,
  `#/inspect/${run}/0?cell=20&why=attention`,
  `#/compare?images=${run}:0,${run}:1`,
  '#/clusters',
  '#/regions',
  '#/codebooks',
  '#/evaluate',
  '#/published',
  '#/curves',
  '#/curves?view=verdict',
  '#/figures',
  '#/models',
]

it.each([
  [720, 450],
  [800, 600],
])(
  'every control of every page can be reached and no title is cut in a window of %i x %i',
  async (width, height) => {
    await tab.setViewportSize({ width, height })
    const found: Record<string, string[]> = {}
    for (const page of pages()) {
      await tab.goto(tab.url().replace(/#.*/, page))
      // What the engine is asked for arrives.
      await tab.waitForTimeout(600)
      const lost = [
        ...(await tab.evaluate<string[]>(SIDEWAYS)),
        ...(await tab.evaluate<string[]>(CUT)),
        ...(await tab.evaluate<string[]>(OUT_OF_REACH)),
        ...(await violations(tab, { contrast: false })),
      ]
      if (lost.length > 0) found[page.replace(run, 'RUN')] = lost
    }
    expect(found).toEqual({})
  },
)
