// What the API may use of the workspace on disk.
export {
  findRuns,
  imageName,
  readRun,
  runFolder,
  saveRequest,
  workspaceFolder,
  type FoundRun,
} from '../library/index.ts'
