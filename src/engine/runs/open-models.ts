// What the API may use of the models on disk.
export { writeFileAtomic as keepText } from '../bytes/index.ts'
export {
  fileRole,
  isInside,
  keepModels,
  openCopies,
  readKeptModels,
  type Copies,
  type KeptModels,
} from '../library/index.ts'
