// A graph -> the same with operators of the ONNX standard alone, where onnxruntime has a shorter one of its own.
import { OPS, type Graph, type Initializer, type Node, type Value } from '../../graph/index.ts'

/** The root mean square norm of onnxruntime as five operators of the standard; other nodes stay. */
export function standardGraph(graph: Graph): Graph {
  const constants: Initializer[] = []
  const nodes = graph.nodes.flatMap((node, at): readonly Node[] => {
    if (node.op !== 'SimplifiedLayerNormalization') return [node]
    const { nodes, initializers } = rms(node, `rms_${at}`)
    constants.push(...initializers)
    return nodes
  })
  return { ...graph, nodes, initializers: [...graph.initializers, ...constants] }
}

/** Operators beyond the standard, which onnxruntime has: `com.microsoft.NAME`. */
export const foreignOps = ({ nodes }: Graph): string[] => [
  ...new Set(nodes.flatMap(({ op }) => (OPS[op]!.domain ? [`${OPS[op]!.domain}.${op}`] : []))),
]

/** y = x / sqrt(mean(x²) + epsilon) w over the last axis. */
function rms({ inputs, outputs, attributes }: Node, name: string) {
  const [x, weight] = inputs as [Value, Value]
  const constant = (
    suffix: string,
    type: 'f32' | 'i64',
    shape: number[],
    bytes: Uint8Array,
  ): Initializer => ({
    value: { name: `${name}_${suffix}`, type, shape },
    data: { kind: 'inline', bytes },
  })
  const axes = constant('axes', 'i64', [1], new Uint8Array(BigInt64Array.of(-1n).buffer))
  const epsilon = constant(
    'epsilon',
    'f32',
    [],
    new Uint8Array(Float32Array.of(attributes.epsilon as number).buffer),
  )
  const step = (suffix: string, op: string, from: Value[], shape = x.shape): Node => ({
    op,
    inputs: from,
    outputs: [{ name: `${name}_${suffix}`, type: x.type, shape }],
    attributes: {},
  })
  const one = [...x.shape.slice(0, -1), 1]
  const square = step('square', 'Mul', [x, x])
  const mean = step('mean', 'ReduceMean', [square.outputs[0]!, axes.value], one)
  const raised = step('raised', 'Add', [mean.outputs[0]!, epsilon.value], one)
  const root = step('root', 'Sqrt', [raised.outputs[0]!], one)
  const unit = step('unit', 'Div', [x, root.outputs[0]!])
  const scaled: Node = { op: 'Mul', inputs: [unit.outputs[0]!, weight], outputs, attributes: {} }
  return { nodes: [square, mean, raised, root, unit, scaled], initializers: [axes, epsilon] }
}
