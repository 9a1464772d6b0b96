// The page address <-> the view: every view can be linked, and back and forward work.
import { presentAxis } from '../../../shared/run/earlier-names.ts'
import { shallowRef } from 'vue'

export type PageName =
  | 'sample'
  | 'library'
  | 'inspect'
  | 'compare'
  | 'clusters'
  | 'regions'
  | 'codebooks'
  | 'evaluate'
  | 'likelihood'
  | 'published'
  | 'curves'
  | 'figures'
  | 'models'

export interface Address {
  readonly page: PageName
  /**
   * The selected run, in Library and Inspect; the atlas in Clusters; the source of a picture in Regions; the measurement in
   * Evaluate; the sweep or probe in Curves; the figure.
   */
  readonly run?: string
  /** The selected image in Inspect; the cluster in Clusters; the picture in Regions. */
  readonly image?: number
  /** All other view state: filters, layer, cell. */
  readonly query: Readonly<Record<string, string>>
}

/** Page titles, in the order of the rail and of the keys 1 to 9, except pages that open from another. */
export const PAGE_TITLES: Readonly<Record<PageName, string>> = {
  sample: 'Sample',
  library: 'Library',
  compare: 'Compare',
  inspect: 'Inspect',
  clusters: 'Clusters',
  regions: 'Regions',
  codebooks: 'Codebooks',
  evaluate: 'Evaluate',
  likelihood: 'Likelihood',
  published: 'Published results',
  curves: 'Curves',
  figures: 'Figures',
  models: 'Models',
}
/** Pages of the rail; other pages map to the one they belong to. */
export const RAIL_OF: Readonly<Partial<Record<PageName, PageName>>> = {
  compare: 'library',
  regions: 'clusters',
  codebooks: 'clusters',
  likelihood: 'evaluate',
  published: 'evaluate',
}
export const RAIL = (Object.keys(PAGE_TITLES) as PageName[]).filter((page) => !(page in RAIL_OF))

export const address = shallowRef<Address>(parseAddress(globalThis.location?.hash ?? ''))

/** Handles the browser's back and forward. */
export function followAddress(): void {
  addEventListener('popstate', () => (address.value = parseAddress(location.hash)))
}

/** Navigates to another view, with a history entry. */
export function go(to: Partial<Address> & { readonly page: PageName }): void {
  show({ query: {}, ...to }, 'pushState')
}

/**
 * For work that ends later: the returned function moves to its result only if the person is still on the page where it
 * began, so that nobody is pulled away from another page.
 */
export function ifStillHere(): (move: () => void) => void {
  const { page } = address.value
  return (move) => {
    if (address.value.page === page) move()
  }
}

/** Changes the query of the view without a history entry; undefined removes a key. */
export function adjust(query: Readonly<Record<string, string | undefined>>): void {
  const merged = Object.entries({ ...address.value.query, ...query })
  const kept = merged.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
  show({ ...address.value, query: Object.fromEntries(kept) }, 'replaceState')
}

function show(to: Address, how: 'pushState' | 'replaceState'): void {
  const hash = formatAddress(to)
  if (hash !== location.hash) history[how](null, '', hash)
  address.value = to
}

/** `#/inspect/RUN/12?layer=rank` -> address; anything invalid shows the Sample page. */
export function parseAddress(hash: string): Address {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?')
  const [page, run, image] = path.split('/').map(decoded)
  const query = Object.fromEntries(new URLSearchParams(search))
  // The x axis of a curve, by its setting, whose name differs in 0.1.
  if (query.x !== undefined) query.x = presentAxis(query.x)
  if (!Object.hasOwn(PAGE_TITLES, page ?? '')) return { page: 'sample', query: {} }
  const number = image === undefined || image === '' ? NaN : Number(image)
  return {
    page: page as PageName,
    ...(run ? { run } : {}),
    ...(Number.isInteger(number) && number >= 0 ? { image: number } : {}),
    query,
  }
}

/** Address -> `#/inspect/RUN/12?layer=rank`. */
export function formatAddress({ page, run, image, query }: Address): string {
  const parts = [page, run, image].filter((part) => part !== undefined)
  const search = new URLSearchParams(query).toString()
  return `#/${parts.map((part) => encodeURIComponent(part)).join('/')}${search && `?${search}`}`
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
