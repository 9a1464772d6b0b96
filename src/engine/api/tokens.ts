// What hosts may do with token data sets and atlases besides runs.
export { compareAtlases, openAtlas, type Atlas } from '../runs/atlas-read.ts'
export { exportCodecs, exportGenerateText } from '../runs/token-export.ts'
