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
export { moveFromTrash, moveToTrash } from './trash.ts'
export { walk, type FoundFile, type Walk } from './walk.ts'
export {
  finishedImages,
  findRuns,
  imageName,
  readRun,
  runFolder,
  saveRequest,
  sourcePath,
  workspaceFolder,
  type FoundRun,
} from './workspace.ts'
export { ROLE_WORDS } from './words.ts'
