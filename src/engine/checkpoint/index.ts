export { openCheckpoint } from './open.ts'
export { asTagged, type Data, type InertRecord, type StorageRef, type TensorRef } from './data.ts'
export { dataAt, toPlain, type Plain } from './plain.ts'
export { UNNAMED_TENSOR, type DType, type TensorValues, type TensorView, type Weights } from './weights.ts'
