// Runs and their finished images -> what the Library shows, filtered.
import type { ImageEntry, WorkspaceRun } from '../../shared/api.ts'

export interface GalleryFilter {
  /** Shows these classes alone. */
  readonly class?: number | undefined
  readonly seed?: number | undefined
  readonly stage2?: string | undefined
}

export interface GalleryEntry extends ImageEntry {
  readonly run: string
}

/** Images of the runs in order, those that pass the filter. */
export function galleryOf(
  runs: readonly WorkspaceRun[],
  imagesOf: (run: string) => readonly ImageEntry[] | undefined,
  filter: GalleryFilter,
): GalleryEntry[] {
  return runs
    .filter(({ request }) => {
      const { seed, stage2 } = filter
      return (seed === undefined || request?.seed === seed) && (!stage2 || request?.stage2 === stage2)
    })
    .flatMap(({ id }) =>
      (imagesOf(id) ?? [])
        .filter((entry) => filter.class === undefined || entry.class === filter.class)
        .map((entry) => ({ ...entry, run: id })),
    )
}

/** The query of an address -> filter; what is no number is no filter. */
export function filterOf(query: Readonly<Record<string, string>>): GalleryFilter {
  const number = (text: string | undefined) =>
    text && Number.isInteger(Number(text)) ? Number(text) : undefined
  return { class: number(query.class), seed: number(query.seed), stage2: query.kind }
}
