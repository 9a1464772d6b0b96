export { readEventFile } from './event-file.ts'
export { readTrainLog } from './train-log.ts'
