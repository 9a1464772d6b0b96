// Work that SLURM runs: submitting it, running one task of it, and its state.
export { hasSlurm, partitionsOf, requeueThis, slurmHost } from './commands.ts'
export { SUBMITTED_KINDS } from './phases.ts'
export { runTask } from './run-task.ts'
export { folderOf, listedSubmissions, logPath, readLog } from './submission-folder.ts'
export { submissionsIn, templateOf } from './submissions.ts'
export {
  cancel,
  earlierPlacement,
  phaseIn,
  planSubmission,
  resultOf,
  resume,
  scriptsOf,
  submissionIn,
  submit,
  type Program,
  type Submitted,
  type SubmitRequest,
} from './submit.ts'
export { viewSubmission } from './view.ts'
