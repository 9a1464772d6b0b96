// Trials made while settings are changed: the newest few stay, older ones go to the trash.
export interface DraftShelf {
  /** Registers a new draft, and removes the oldest beyond the limit. */
  add(id: string): Promise<void>
  /** It is not a draft any more, or was removed. */
  forget(id: string): void
}

export interface DraftShelfOptions {
  /** Drafts on disk, newest first. */
  list(): Promise<readonly string[]>
  /** Whether it must be kept: someone works on it, or marked an image of it. */
  isNeeded(id: string): Promise<boolean>
  /** Puts one away. */
  take(id: string): Promise<void>
}

/** Drafts that stay. */
export const KEPT_DRAFTS = 20

export function draftShelf({ list, isNeeded, take }: DraftShelfOptions): DraftShelf {
  /** Newest first; read from disk once, because that reads every run. */
  let known: Promise<string[]> | undefined

  const putAway = async (drafts: string[]) => {
    for (const id of drafts.slice(KEPT_DRAFTS)) {
      if (await isNeeded(id)) continue
      drafts.splice(drafts.indexOf(id), 1)
      // A draft in use by another process, or one that cannot be moved, stays: nothing depends on its
      // removal.
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
