// The table of pages: what an address shows.
import { defineAsyncComponent, type Component } from 'vue'
import type { PageName } from './state/address.ts'
import SamplePage from './pages/SamplePage.vue'

type LoadPage = () => Promise<{ default: Component }>

const waiting: LoadPage[] = []
/** Loaded when it is first shown, so that the first page is there at once. */
function later(load: LoadPage): Component {
  waiting.push(load)
  return defineAsyncComponent(load)
}

export const PAGES: Readonly<Record<PageName, Component>> = {
  sample: SamplePage,
  library: later(() => import('./pages/LibraryPage.vue')),
  compare: later(() => import('./pages/ComparePage.vue')),
  inspect: later(() => import('./pages/InspectPage.vue')),
  clusters: later(() => import('./pages/ClustersPage.vue')),
  regions: later(() => import('./pages/RegionsPage.vue')),
  evaluate: later(() => import('./pages/EvaluatePage.vue')),
  published: later(() => import('./pages/PublishedPage.vue')),
  figures: later(() => import('./pages/FiguresPage.vue')),
  curves: later(() => import('./pages/CurvesPage.vue')),
  codebooks: later(() => import('./pages/CodebooksPage.vue')),
  models: later(() => import('./pages/ModelsPage.vue')),
}

/** Fetches the other pages while nothing else is to do: they open at once then, and without the host. */
export function loadPages(): void {
  const idle = globalThis.requestIdleCallback ?? ((callback: () => void) => setTimeout(callback, 500))
  const next = () => {
    // One that cannot be had now is asked for again when it is opened.
    const load = waiting.shift()
    if (load) void load().then(again, again)
  }
  const again = () => idle(next)
  again()
}
