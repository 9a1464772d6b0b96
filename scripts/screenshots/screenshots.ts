// Pictures of every page over the demo, in windows of three sizes, light and dark:
//
//   npm run screenshots                                    all of them, into out/screenshots
//   npm run screenshots -- clusters-map 'figure*'          these views; * matches anything
//   npm run screenshots -- --windows 1440-light,720-dark   in these windows
//   npm run screenshots -- --out /tmp/pictures             into another folder
//   npm run screenshots -- --docs sample regions           as docs/pictures/sample.webp, at most 150 kB each, in the
//                                                          window 1024-light, or another one given with --windows
//   npm run screenshots -- --list                          the names
//
// A view builds on the views above it in its table, so these are visited as well, without pictures. A view that fails
// is reported at the end; the others are still taken.
import { parseArgs } from 'node:util'
import build from '../../test/build.ts'
import { openWorkbench } from '../../test/e2e/stage/workbench.ts'
import type { PageOfViews, Stage, View } from './view.ts'
import { clusters } from './views/clusters.ts'
import { curves } from './views/curves.ts'
import { evaluate } from './views/evaluate.ts'
import { figures } from './views/figures.ts'
import { library } from './views/library.ts'
import { models } from './views/models.ts'
import { questions } from './views/questions.ts'
import { regions } from './views/regions.ts'
import { sample } from './views/sample.ts'
import { tutorial } from './views/tutorial.ts'
import { saveForDocs, savePng, takeShape, WINDOWS, type Window } from './windows.ts'

const PAGES: readonly PageOfViews[] = [
  sample,
  models,
  library,
  clusters,
  regions,
  evaluate,
  curves,
  questions,
  figures,
  tutorial,
]

const { values: flags, positionals: wanted } = parseArgs({
  options: {
    windows: { type: 'string' },
    out: { type: 'string' },
    docs: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const names = PAGES.flatMap(({ views }) => views.map(({ name }) => name))
const folder = flags.out ?? (flags.docs ? 'docs/pictures' : 'out/screenshots')
const windows = chosenWindows()
const failures: string[] = []

if (flags.list) console.log(names.join('\n'))
else {
  for (const pattern of wanted)
    if (!names.some((name) => matches(name, pattern)))
      throw new Error(`${pattern}: no such view (expected one of ${names.join(', ')})`)
  await build()
  for (const page of PAGES) await goThrough(page)
  if (failures.length > 0) throw new Error(`not as they should be:\n${failures.join('\n')}`)
}

/** Takes the requested views of a page. */
async function goThrough({ start, before, views }: PageOfViews): Promise<void> {
  const last = views.findLastIndex(({ name }) => isWanted(name))
  if (last < 0) return
  const workbench = await openWorkbench()
  await before?.(workbench.workspace)
  const tab = await workbench.visit(start)
  const go = async (hash: string) => void (await tab.goto(tab.url().replace(/#.*/, hash)))
  for (const view of views.slice(0, last + 1)) await shoot(view, { workbench, tab, go })
  failures.push(...workbench.errors.map((error) => `the page logged: ${error}`))
  await workbench.close()
}

/** Navigates to the view and, if requested, saves it for every window. */
async function shoot(view: View, stage: Stage): Promise<void> {
  const { tab } = stage
  try {
    await takeShape(tab, WINDOWS[0]!)
    await view.prepare(stage)
    for (const window of isWanted(view.name) ? windows : []) {
      await takeShape(tab, window)
      await (view.place ?? putPointerAside)(stage)
      await tab.waitForTimeout(window === windows[0] ? (view.settle ?? 300) : 300)
      if (flags.docs) await saveForDocs(tab, folder, view.name)
      else await savePng(tab, folder, `${view.name}-${window.name}`)
    }
    await view.afterwards?.(stage)
    if (isWanted(view.name)) console.log(view.name)
  } catch (error) {
    const { message } = error as Error
    failures.push(`${view.name}: ${message}`)
    // One picture may take minutes: why it failed is known at once.
    console.log(`${view.name}: failed: ${message}`)
  }
}

/** Moves the pointer to where it hovers over nothing. */
async function putPointerAside({ tab }: Stage): Promise<void> {
  await tab.evaluate('document.activeElement?.blur()')
  await tab.mouse.move(tab.viewportSize()!.width / 2, tab.viewportSize()!.height - 2)
}

function isWanted(name: string): boolean {
  return wanted.length === 0 || wanted.some((pattern) => matches(name, pattern))
}

function matches(name: string, pattern: string): boolean {
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name)
}

function chosenWindows(): readonly Window[] {
  const list = flags.windows?.split(',') ?? (flags.docs ? ['1024-light'] : WINDOWS.map(({ name }) => name))
  if (flags.docs && list.length > 1) throw new Error(`--docs: one window (found ${list.join(', ')})`)
  return list.map((name) => {
    const window = WINDOWS.find((window) => window.name === name)
    if (!window)
      throw new Error(`${name}: no such window (expected ${WINDOWS.map((w) => w.name).join(', ')})`)
    return window
  })
}
