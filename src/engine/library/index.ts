export {
  keepPicture,
  keptPicture,
  keptPicturePath,
  listKeptPictures,
  removeKeptPicture,
} from './kept-pictures.ts'
export { cachedFile, cacheFolder, type CacheEntry } from './cache.ts'
export { openCopies, type Copies } from './copies.ts'
export { readFavourites, saveFavourites } from './favourites.ts'
export {
  addPicture,
  copyFigure,
  createFigure,
  figureFolder,
  figurePath,
  findFigures,
  readFigureText,
  renameFigure,
  saveFigureText,
  trashFigure,
  untrashFigure,
} from './figures.ts'
export { fileToSha256, openHashes, type Hashes } from './hash.ts'
export { isInside, keepModels, readKeptModels, type KeptModels } from './kept-models.ts'
export { matchModels, fileRole, type Match } from './match.ts'
export { demoFolder, imagenetClassNames } from './resources.ts'
export { readMadeWith, type KeptSpec, type MadeWith } from './run-files.ts'
export {
  deleteFromTrash,
  findInTrash,
  moveFromTrash,
  moveSweepFromTrash,
  moveSweepToTrash,
  moveToTrash,
  type FoundInTrash,
} from './trash.ts'
export { walk, type FoundFile, type Walk } from './walk.ts'
export {
  cellFolder,
  finishedImages,
  findRuns,
  imageName,
  isSweep,
  readRun,
  runFolder,
  saveRequest,
  sourcePath,
  SWEEP_RECORD,
  sweepFolder,
  workspaceFolder,
  type FoundRun,
} from './workspace.ts'
export { ROLE_WORDS } from './words.ts'
