// The submissions of a workspace, and the template that they share.
//   WORKSPACE/slurm/ID.json        where a submission is
//   WORKSPACE/slurm/template.sh    lines of the site, for every submission without a template of its own
import { join } from 'node:path'
import type { SubmissionView } from '../../shared/slurm/submission.ts'
import { readText } from '../records/json-file.ts'
import { folderOf, listedSubmissions, readSubmission } from './submission-folder.ts'
import { viewSubmission } from './view.ts'

/** Newest first. Those whose folder is gone are left out. */
export async function submissionsIn(workspace: string): Promise<SubmissionView[]> {
  const views: SubmissionView[] = []
  for (const id of await listedSubmissions(workspace)) {
    const folder = await folderOf(workspace, id)
    const submission = await readSubmission(folder)
    if (submission) views.push(await viewSubmission(folder, submission))
  }
  return views.sort((a, b) => (a.submitted < b.submitted ? 1 : -1))
}

/** Undefined if there is none. */
export function templateOf(workspace: string): Promise<string | undefined> {
  const path = join(workspace, 'slurm', 'template.sh')
  return readText(path, path)
}
