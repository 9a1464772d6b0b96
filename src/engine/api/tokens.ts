// What hosts may do with token data sets besides runs.
export { exportCodecs, exportGenerateText } from '../runs/token-export.ts'
