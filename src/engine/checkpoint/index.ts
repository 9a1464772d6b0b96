export { openCheckpoint } from './open.ts'
export { asTagged, type Data, type InertRecord, type StorageRef, type TensorRef } from './data.ts'
export { isTorchScript } from './torch-zip.ts'
export { dataAt, toPlain, type Plain } from './plain.ts'
export {
  UNNAMED_TENSOR,
  type DType,
  type Tensors,
  type TensorValues,
  type TensorView,
  type UnreadableTensor,
  type Weights,
} from './weights.ts'
