// The part of the contract for the trash.
import type { TrashApi } from '../../../shared/run/trash.ts'
import { deleteFromTrash, findInTrash } from '../../workspace/trash.ts'
import { runFromDisk } from './run-view.ts'

export const trashCalls = (workspace: string): TrashApi => ({
  async listTrash() {
    const found = await findInTrash(workspace)
    return found.map(({ run, ...rest }) => (run ? { ...rest, run: runFromDisk(run, undefined) } : rest))
  },
  async deleteTrashed(ids) {
    for (const id of ids) await deleteFromTrash(workspace, id)
  },
})
