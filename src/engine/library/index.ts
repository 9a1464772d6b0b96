export { cachedFile, cacheFolder, type CacheEntry } from './cache.ts'
export { fileToSha256, openHashes, type Hashes } from './hash.ts'
export { matchModels, fileRole, type Match } from './match.ts'
export { demoFolder, imagenetClassNames } from './resources.ts'
export { walk, type FoundFile, type Walk } from './walk.ts'
export {
  finishedImages,
  findRuns,
  imageName,
  readRun,
  runFolder,
  saveRequest,
  workspaceFolder,
  type FoundRun,
} from './workspace.ts'
export { ROLE_WORDS } from './words.ts'
