export { readEventFiles } from './event-file.ts'
export { readTrainLog } from './train-log.ts'
