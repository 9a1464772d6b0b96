// What the API may use of the workspace on disk.
export {
  findRuns,
  imageName,
  moveFromTrash,
  moveToTrash,
  readFavourites,
  readMadeWith,
  readRun,
  runFolder,
  saveFavourites,
  saveRequest,
  sourcePath,
  workspaceFolder,
  type FoundRun,
  type KeptSpec,
  type MadeWith,
} from '../library/index.ts'
