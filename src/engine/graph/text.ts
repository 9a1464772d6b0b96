// Graph -> text, one line per node, for people and for tests that check the structure of a graph.
import type { Attribute, Graph, Value } from './graph.ts'

const show = (value: Value) => `${value.name}: ${value.type}[${value.shape.join(', ')}]`

/** The whole graph as text; bodies of loops are indented below their node. */
export function graphToText(graph: Graph, indent = ''): string {
  const lines = [`${indent}graph ${graph.name}(${graph.inputs.map(show).join(', ')})`]
  for (const { value, data } of graph.initializers) {
    const from = data.kind === 'inline' ? `${data.bytes.length} bytes inline` : `${data.length} bytes in file`
    lines.push(`${indent}  ${show(value)} = ${from}`)
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => input?.name ?? '_').join(', ')
    const attributes = Object.entries(node.attributes).filter(([, value]) => !isGraph(value))
    const braces = attributes.length === 0 ? '' : ` {${attributes.map(([k, v]) => `${k}=${v}`).join(', ')}}`
    lines.push(`${indent}  ${node.outputs.map(show).join(', ')} = ${node.op}(${inputs})${braces}`)
    for (const value of Object.values(node.attributes))
      if (isGraph(value)) lines.push(graphToText(value, indent + '    '))
  }
  lines.push(`${indent}  return ${graph.outputs.map((output) => output.name).join(', ')}`)
  return lines.join('\n')
}

const isGraph = (value: Attribute): value is Graph => typeof value === 'object' && 'nodes' in value
