// Runs and their finished images -> what the Library shows, filtered.
import type { ImageEntry } from '../../../shared/contract/api.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'

export interface GalleryFilter {
  /** Shows these classes alone. */
  readonly class?: number | undefined
  readonly seed?: number | undefined
  /** `ar`, `nar`, or `reconstruct` whatever its second stage. */
  readonly kind?: string | undefined
  /** sha256 of a model that was used, or its beginning. */
  readonly model?: string | undefined
  /** Days back from now, or one day as `2026-11-23`, by the clock of this machine. */
  readonly date?: string | undefined
  /** Favourites alone. */
  readonly favourites?: boolean
  /** Drafts too. */
  readonly drafts?: boolean
}

export interface GalleryEntry extends ImageEntry {
  readonly run: string
}

/** Runs that pass what the filter says of whole runs, in their order. */
export function runsOf(
  runs: readonly WorkspaceRun[],
  { seed, kind, model, date, drafts }: GalleryFilter,
  now = new Date(),
): WorkspaceRun[] {
  return runs.filter((run) => {
    const asked = run.request ?? run.reconstruct
    if (run.request?.draft && !drafts) return false
    if (seed !== undefined && asked?.seed !== seed) return false
    if (kind === 'reconstruct' ? !run.reconstruct : kind && asked?.stage2 !== kind) return false
    if (model && !run.models?.some(({ sha256 }) => sha256.startsWith(model))) return false
    return !date || isOn(date, new Date(run.started), now)
  })
}

/** Images of the runs in order, those that pass the filter. */
export function galleryOf(
  runs: readonly WorkspaceRun[],
  imagesOf: (run: string) => readonly ImageEntry[] | undefined,
  filter: GalleryFilter,
  isFavourite: (run: string, image: number) => boolean = () => true,
): GalleryEntry[] {
  return runsOf(runs, filter).flatMap(({ id }) =>
    (imagesOf(id) ?? [])
      .filter((entry) => filter.class === undefined || entry.class === filter.class)
      .filter(({ image }) => !filter.favourites || isFavourite(id, image))
      .map((entry) => ({ ...entry, run: id })),
  )
}

/** Keys of an address that filter. */
export const FILTER_KEYS = ['class', 'seed', 'kind', 'model', 'date', 'favourites', 'drafts'] as const

/** The query of an address -> filter; what is no number is no filter. */
export function filterOf(query: Readonly<Record<string, string>>): GalleryFilter {
  const number = (text: string | undefined) =>
    text && Number.isInteger(Number(text)) ? Number(text) : undefined
  return {
    class: number(query.class),
    seed: number(query.seed),
    kind: query.kind,
    model: query.model,
    date: query.date,
    favourites: query.favourites === '1',
    drafts: query.drafts === '1',
  }
}

/** `2026-11-23`, by the clock of this machine. */
export function dayOf(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
}

function isOn(date: string, started: Date, now: Date): boolean {
  if (!/^\d+$/.test(date)) return dayOf(started) === date
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - Number(date) + 1)
  return started >= first
}
