// A graph and its run-time sizes -> floating point operations of its products; everything else is negligible.
import type { Dim, Graph } from '../../src/engine/graph/index.ts'

/** Values of the named sizes: `{ B: 4, T: 1, P: 128 }`. */
type Named = Readonly<Record<string, number>>

type Node = Graph['nodes'][number]

/** Length of the sum for one output element of a node; 0 if it is not a product. */
const SUM_LENGTH: Readonly<Record<string, (node: Node) => readonly Dim[]>> = {
  Conv: ({ inputs }) => inputs[1]!.shape.slice(1),
  Gemm: ({ inputs }) => inputs[0]!.shape.slice(1),
  MatMul: ({ inputs }) => inputs[0]!.shape.slice(-1),
  MatMulIntegerToFloat: ({ inputs }) => inputs[0]!.shape.slice(-1),
  MatMulNBits: ({ attributes }) => [attributes.K as number],
}

/** A multiplication and an addition count as two. */
export function graphToFlops(graph: Graph, named: Named): number {
  const size = (dims: readonly Dim[]) =>
    dims.reduce<number>((product, dim) => product * dimToNumber(dim, named), 1)
  return graph.nodes.reduce((sum, node) => {
    const length = SUM_LENGTH[node.op]?.(node)
    return length ? sum + 2 * size(length) * size(node.outputs[0]!.shape) : sum
  }, 0)
}

/** `P+T`, `B*256`: sums of products of names and numbers. */
function dimToNumber(dim: Dim, named: Named): number {
  const factor = (word: string) => {
    const value = named[word] ?? Number(word)
    if (Number.isNaN(value)) throw new Error(`size '${word}' has no value`)
    return value
  }
  return String(dim)
    .split('+')
    .map((term) => term.split('*').reduce((product, word) => product * factor(word), 1))
    .reduce((sum, term) => sum + term, 0)
}
