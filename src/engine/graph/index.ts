// The graph stage: build, check, serialise, print.
export { addDims, GraphBuilder, type FileTensor } from './builder.ts'
export type { Arithmetic } from './half.ts'
export type { Dim, ElementType, Graph, Initializer, Node, Value } from './graph.ts'
export { OPS } from './ops.ts'
export { commonFolder, graphToOnnx, type OnnxModel } from './onnx.ts'
export { graphToText } from './text.ts'
