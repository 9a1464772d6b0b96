// Runs and their finished images -> the filtered Library view.
import type { ImageEntry } from '../../../shared/contract/api.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'

export interface GalleryFilter {
  /** Only these classes. */
  readonly class?: number | undefined
  readonly seed?: number | undefined
  /** `ar`, `nar`, or `reconstruct` with any stage 2. */
  readonly kind?: string | undefined
  /** sha256 of a model used, or a prefix of it. */
  readonly model?: string | undefined
  /** Days back from now, or one day as `2026-11-23`, in local time. */
  readonly date?: string | undefined
  /** Only favorites. */
  readonly favourites?: boolean
  /** Include drafts. */
  readonly drafts?: boolean
}

export interface GalleryEntry extends ImageEntry {
  readonly run: string
}

/** Runs that pass the run-level filters, in order. */
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

/** Images of the runs that pass the filter, in order. */
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

/** Query keys that are filters. */
export const FILTER_KEYS = ['q', 'class', 'seed', 'kind', 'model', 'date', 'favourites', 'drafts'] as const

/** Address query -> filter; invalid numbers are ignored. */
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

/** `2026-11-23`, in local time. */
export function dayOf(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
}

function isOn(date: string, started: Date, now: Date): boolean {
  if (!/^\d+$/.test(date)) return dayOf(started) === date
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - Number(date) + 1)
  return started >= first
}
