// No node of a graph falls back from CUDA to the processor: the operators and types of our graphs against the kernels that
// onnxruntime publishes for its CUDA provider (docs/OperatorKernels.md, at opset 21; read at commit 001d12d2).
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ElementType, Graph } from '../../../src/engine/graph/index.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { assignment } from '../../../src/engine/models/assignment.ts'
import { deviceStepGraph } from '../../../src/engine/models/device-step.ts'
import { dinov2ClassToken, dinov2Tokenizer } from '../../../src/engine/models/dinov2.ts'
import { scoreGraph } from '../../../src/engine/models/score-graph.ts'
import { maskedStepGraph, rereadGraph } from '../../../src/engine/models/transformer-graphs.ts'
import { vqganDecoder, vqganEncoder } from '../../../src/engine/models/vqgan.ts'
import { vqganConfig } from '../../../src/engine/tokenizer/tokenizer.ts'
import { OFFICIAL } from './run-graph.ts'

const REAL = ['f32', 'f16'] as const
const NUMBERS = [...REAL, 'i32', 'i64'] as const
const ALL = [...NUMBERS, 'u8', 'bool'] as const

/** Operator -> types of its first numeric input (of its values, for Where). */
const CUDA: Readonly<Record<string, readonly ElementType[]>> = {
  Add: NUMBERS,
  ArgMin: REAL,
  AveragePool: REAL,
  Cast: ALL,
  Clip: [...REAL, 'i64', 'u8'],
  Concat: ALL,
  Conv: REAL,
  CumSum: NUMBERS,
  Div: NUMBERS,
  Exp: REAL,
  Expand: ALL,
  Gather: ALL,
  GatherElements: ALL,
  Gelu: REAL,
  Gemm: REAL,
  // Only this one has no float32: the CUDA way does not use it.
  GroupQueryAttention: ['f16'],
  Identity: ALL,
  LayerNormalization: REAL,
  Less: NUMBERS,
  LessOrEqual: NUMBERS,
  Log: REAL,
  LogSoftmax: REAL,
  Loop: ALL,
  MatMul: REAL,
  Max: NUMBERS,
  Min: NUMBERS,
  Mul: NUMBERS,
  Neg: NUMBERS,
  Range: ['f32', 'i32', 'i64'],
  ReduceMax: NUMBERS,
  ReduceSum: NUMBERS,
  Reshape: ALL,
  Resize: [...REAL, 'i32', 'u8'],
  Shape: ALL,
  Sigmoid: REAL,
  SkipLayerNormalization: REAL,
  Slice: ALL,
  Softmax: REAL,
  Sqrt: REAL,
  Sub: NUMBERS,
  TopK: NUMBERS,
  Transpose: ALL,
  Unsqueeze: ALL,
  Where: [...NUMBERS, 'u8'],
}

let models: OpenModels
beforeAll(async () => void (models = await openModels([OFFICIAL])))
afterAll(() => models.close())

/** `op type` of the nodes without a kernel, bodies of loops included. */
function withoutKernel({ nodes }: Graph): string[] {
  return nodes.flatMap(({ op, inputs, attributes }) => {
    const given = inputs.filter((input) => input !== null)
    const { type } = (op === 'Where' ? given[1] : given[0])!
    const inside = Object.values(attributes).flatMap((value) =>
      typeof value === 'object' && 'nodes' in value ? withoutKernel(value) : [],
    )
    return [...(CUDA[op]?.includes(type) ? [] : [`${op} ${type}`]), ...inside]
  })
}

test.each(['f32', 'f16'] as const)(
  'CUDA has a kernel for every node of the networks in %s',
  async (arithmetic) => {
    const [stage1, nar, vqgan] = [
      await models.open('stage1'),
      await models.open('stage2Nar'),
      await models.open('vqgan'),
    ]
    const [encoder, codebook] = [await models.open('encoder'), await models.open('codebook')]
    const centroids = { tensor: codebook.centroids, transposed: codebook.transposed }
    const graphs = [
      rereadGraph({ ...stage1, arithmetic }),
      scoreGraph({ ...stage1, arithmetic }),
      maskedStepGraph({ ...nar, arithmetic }),
      vqganEncoder(vqgan.tensors, vqganConfig(vqgan), arithmetic),
      vqganDecoder(vqgan.tensors, vqganConfig(vqgan), arithmetic),
      dinov2Tokenizer(encoder.tensors, centroids, { size: 256 }, arithmetic),
      dinov2ClassToken(encoder.tensors),
      assignment(64),
    ]
    for (const graph of graphs) expect(withoutKernel(graph), graph.name).toEqual([])
  },
)

test('the step for WebGPU would fall back on CUDA in float32, for its attention alone', async () => {
  const step = withoutKernel(deviceStepGraph(await models.open('stage1')))
  expect(new Set(step)).toEqual(new Set(['GroupQueryAttention f32']))
})
