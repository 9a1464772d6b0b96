// The table of pages: what an address shows.
import { defineAsyncComponent, type Component } from 'vue'
import type { PageName } from './state/app/address.ts'
import SamplePage from './pages/sample/SamplePage.vue'

type LoadPage = () => Promise<{ default: Component }>

const waiting: LoadPage[] = []
/** Loaded when it is first shown, so that the first page is there at once. */
function later(load: LoadPage): Component {
  waiting.push(load)
  return defineAsyncComponent(load)
}

export const PAGES: Readonly<Record<PageName, Component>> = {
  sample: SamplePage,
  library: later(() => import('./pages/library/LibraryPage.vue')),
  compare: later(() => import('./pages/compare/ComparePage.vue')),
  inspect: later(() => import('./pages/inspect/InspectPage.vue')),
  clusters: later(() => import('./pages/clusters/ClustersPage.vue')),
  regions: later(() => import('./pages/regions/RegionsPage.vue')),
  evaluate: later(() => import('./pages/evaluate/EvaluatePage.vue')),
  published: later(() => import('./pages/published/PublishedPage.vue')),
  figures: later(() => import('./pages/figures/FiguresPage.vue')),
  curves: later(() => import('./pages/curves/CurvesPage.vue')),
  codebooks: later(() => import('./pages/codebooks/CodebooksPage.vue')),
  models: later(() => import('./pages/models/ModelsPage.vue')),
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
