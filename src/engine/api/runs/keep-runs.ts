// The part of the contract that keeps runs in the library, names, removes and restores them; old drafts are removed.
import type { EngineApi, ImageName } from '../../../shared/contract/api.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { RequestError } from '../../../shared/errors.ts'
import { writeRunName } from '../../records/run-name.ts'
import { claimRun, releaseRun } from '../../records/run-owner.ts'
import { findRuns, readRun, runFolder, saveRequest, type FoundRun } from '../../records/workspace.ts'
import { moveFromTrash, moveToTrash } from '../../workspace/trash.ts'
import type { KeptSpec } from '../../records/run-files.ts'
import type { EngineContext } from '../context.ts'
import { draftShelf } from './drafts.ts'
import type { LiveRuns } from './live-runs.ts'

export type KeepCalls = Pick<EngineApi, 'keepRun' | 'renameRun' | 'removeRun' | 'restoreRun'>

export interface KeepOptions extends Pick<EngineContext, 'workspace' | 'events'> {
  readonly live: LiveRuns
  readonly show: (run: FoundRun) => Promise<WorkspaceRun>
  readonly favourites: () => Promise<readonly ImageName[]>
}

export function keepCalls({ workspace, events, live, show, favourites }: KeepOptions) {
  const take = async (id: string) => {
    if (live.isOpen(id)) throw new RequestError(`run '${id}': running or queued; cancel it first`)
    const folder = runFolder(workspace, id)
    await readRun(workspace, id)
    // No process may start work in a folder while it moves, so the claim moves with it.
    await claimRun(folder, id)
    const moved = await moveToTrash(workspace, id).catch(async (error: unknown) => {
      await releaseRun(folder)
      throw error
    })
    await releaseRun(moved)
    live.forget(id)
    events.runRemoved(id)
  }
  const drafts = draftShelf({
    async list() {
      const found = await findRuns(workspace)
      return found.filter(({ spec }) => isDraft(spec)).map(({ id }) => id)
    },
    isNeeded: async (id) => live.isOpen(id) || (await favourites()).some(({ run }) => run === id),
    take,
  })
  const calls: KeepCalls = {
    async keepRun(id) {
      const run = await readRun(workspace, id)
      if (run.spec?.kind !== 'sample' || !run.spec.draft) return
      const { draft: _, ...spec } = run.spec
      await saveRequest(workspace, id, spec, run.started)
      live.askedNow(id, spec)
      drafts.forget(id)
      events.runChanged(await show({ ...run, spec }))
    },
    async renameRun(id, name) {
      await readRun(workspace, id)
      await writeRunName(runFolder(workspace, id), name)
      live.renamed(id, name || undefined)
      events.runChanged(await show(await readRun(workspace, id)))
    },
    async removeRun(id) {
      await take(id)
      drafts.forget(id)
    },
    async restoreRun(id) {
      await moveFromTrash(workspace, id)
      const run = await readRun(workspace, id)
      events.runChanged(await show(run))
      if (isDraft(run.spec)) await drafts.add(id)
    },
  }
  return { calls, drafted: drafts.add }
}

const isDraft = (spec: KeptSpec | undefined) => spec?.kind === 'sample' && spec.draft === true
