// Drafts made while settings change: the newest few stay, older ones are moved to the trash.
export interface DraftShelf {
  /** Registers a new draft, and removes the oldest beyond the limit. */
  add(id: string): Promise<void>
  /** For a run that is no longer a draft, or was removed. */
  forget(id: string): void
}

export interface DraftShelfOptions {
  /** Drafts on disk, newest first. */
  list(): Promise<readonly string[]>
  /** Whether it must be kept, because it is in use or has a favourite. */
  isNeeded(id: string): Promise<boolean>
  /** Moves one to the trash. */
  take(id: string): Promise<void>
}

/** Number of drafts that stay. */
export const KEPT_DRAFTS = 20

export function draftShelf({ list, isNeeded, take }: DraftShelfOptions): DraftShelf {
  /** Newest first; read from disk only once, because that reads every run. */
  let known: Promise<string[]> | undefined

  const putAway = async (drafts: string[]) => {
    for (const id of drafts.slice(KEPT_DRAFTS)) {
      if (await isNeeded(id)) continue
      drafts.splice(drafts.indexOf(id), 1)
      // A draft that is in use by another process or cannot be moved stays; nothing depends on its removal.
      await take(id).catch(() => {})
    }
  }
  return {
    async add(id) {
      known ??= list().then((ids) => [...ids])
      const drafts = await known
      if (!drafts.includes(id)) drafts.unshift(id)
      drafts.sort((a, b) => (a < b ? 1 : -1))
      await putAway(drafts)
    },
    forget(id) {
      void known?.then((drafts) => {
        const at = drafts.indexOf(id)
        if (at >= 0) drafts.splice(at, 1)
      })
    },
  }
}
