// The table of pages: what an address shows.
import { defineAsyncComponent, type Component } from 'vue'
import type { PageName } from './state/app/address.ts'
import SamplePage from './pages/sample/SamplePage.vue'

type LoadPage = () => Promise<{ default: Component }>

const waiting: LoadPage[] = [() => import('./pages/sample/StudioView.vue')]
/** Loaded on first use, so that the first page appears quickly. */
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
  likelihood: later(() => import('./pages/likelihood/LikelihoodPage.vue')),
  published: later(() => import('./pages/published/PublishedPage.vue')),
  figures: later(() => import('./pages/figures/FiguresPage.vue')),
  curves: later(() => import('./pages/curves/CurvesPage.vue')),
  codebooks: later(() => import('./pages/codebooks/CodebooksPage.vue')),
  models: later(() => import('./pages/models/ModelsPage.vue')),
}

/** Until the other pages are loaded: the first seconds are for the one that is shown. */
const FIRST_MS = 10_000

/** Loads the other pages when idle: they then open immediately, even without the host. */
export function loadPages(): void {
  const idle = globalThis.requestIdleCallback ?? ((callback: () => void) => setTimeout(callback, 500))
  const next = () => {
    // A page that fails to load now is requested again when it is opened.
    const load = waiting.shift()
    if (load) void load().then(again, again)
  }
  const again = () => idle(next)
  setTimeout(again, FIRST_MS)
}
