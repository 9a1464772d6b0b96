// The part of the contract for work that SLURM runs: what is available, the state of submissions, logs of tasks.
import { basename, dirname } from 'node:path'
import type { PageSubmission, SlurmApi } from '../../../shared/slurm/slurm.ts'
import type { SubmissionView } from '../../../shared/slurm/submission.ts'
import {
  cancel,
  folderOf,
  hasSlurm,
  partitionsOf,
  phaseIn,
  readLog,
  resume,
  slurmHost,
  submissionIn,
  submissionsIn,
} from '../../slurm/index.ts'
import type { EngineContext } from '../context.ts'
import { withoutFolders } from '../folders.ts'

export function slurmCalls({
  workspace,
  modelsInUse,
}: Pick<EngineContext, 'workspace' | 'modelsInUse'>): SlurmApi {
  /** Folders are not shown to pages; without models there are fewer. */
  const hidden = (): readonly string[] => {
    try {
      return [workspace, ...modelsInUse().folders]
    } catch {
      return [workspace]
    }
  }
  return {
    async slurmState() {
      const host = slurmHost()
      if (!(await hasSlurm(host))) return { available: false, partitions: [] }
      const partitions = await partitionsOf(host).catch(() => [])
      return { available: true, partitions, ...(host === undefined ? {} : { host }) }
    },
    async listSubmissions() {
      return (await submissionsIn(workspace)).map((view) => submissionForPage(view, hidden()))
    },
    async readTaskLog(id, phase, task) {
      const folder = await folderOf(workspace, id)
      phaseIn(await submissionIn(folder), phase, task)
      const lines = await readLog(folder, phase, task)
      return lines.map((line) => withoutFolders(line, [folder, ...hidden()]))
    },
    async resubmit(id) {
      await resume(await folderOf(workspace, id))
    },
    async cancelSubmission(id) {
      await cancel(await folderOf(workspace, id))
    },
  }
}

function submissionForPage(
  { out, folder, tasks, ...view }: SubmissionView,
  hidden: readonly string[],
): PageSubmission {
  const plain = (text: string) => withoutFolders(text, [folder, dirname(out), ...hidden])
  return Object.freeze({
    ...view,
    of: basename(out),
    tasks: tasks.map(({ why, note, ...task }) => ({
      ...task,
      ...(why === undefined ? {} : { why: plain(why) }),
      ...(note === undefined ? {} : { note: plain(note) }),
    })),
  })
}
