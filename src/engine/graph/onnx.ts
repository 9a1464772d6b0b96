// Graph -> ONNX ModelProto bytes; weights stay in the user's files as external data.
// Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
import { isAbsolute, parse, relative, sep } from 'node:path'
import { ProtobufWriter } from '../bytes/protobuf.ts'
import { ONNX_TYPE } from './builder.ts'
import type { Attribute, Graph, Initializer, Node, Value } from './graph.ts'
import { OPS, type AttributeKind } from './ops.ts'

const IR_VERSION = 10
const OPSET = 21
const EXTERNAL = 1

/** AttributeProto.type numbers. */
const ATTRIBUTE_TYPE: Record<AttributeKind, number> = {
  float: 1,
  int: 2,
  string: 3,
  graph: 5,
  floats: 6,
  ints: 7,
}

/** A serialised model and the folder that its external data paths are relative to. */
export interface OnnxModel {
  readonly bytes: Uint8Array
  /** `undefined` if no weight is in a file. */
  readonly folder: string | undefined
}

/**
 * Serialises a graph; `standard` says that it has no operator of onnxruntime. Throws when its weight files share no root
 * folder (two Windows drives).
 */
export function graphToOnnx(graph: Graph, { standard = false } = {}): OnnxModel {
  const paths = graph.initializers.flatMap(({ data }) => (data.kind === 'file' ? [data.path] : []))
  const folder = paths.length === 0 ? undefined : commonFolder(paths)
  const model = new ProtobufWriter()
  model.int(1, IR_VERSION)
  model.string(2, 'digit-workbench')
  model.message(7, (w) => writeGraph(w, graph, folder))
  model.message(8, (w) => w.int(2, OPSET))
  if (!standard)
    model.message(8, (w) => {
      w.string(1, 'com.microsoft')
      w.int(2, 1)
    })
  return { bytes: model.finish(), folder }
}

/** The deepest folder that contains every path. */
export function commonFolder(paths: readonly string[]): string {
  const { root } = parse(paths[0]!)
  const folders = paths.map((path) => {
    if (!isAbsolute(path) || parse(path).root !== root)
      throw new Error(`${path} and ${paths[0]} share no root folder`)
    return path.slice(root.length).split(sep).slice(0, -1)
  })
  const first = folders[0]!
  const depth = first.findIndex((part, i) => folders.some((folder) => folder[i] !== part))
  return root + first.slice(0, depth < 0 ? first.length : depth).join(sep)
}

function writeGraph(w: ProtobufWriter, graph: Graph, folder: string | undefined): void {
  for (const node of graph.nodes) w.message(1, (m) => writeNode(m, node, folder))
  w.string(2, graph.name)
  for (const initializer of graph.initializers) w.message(5, (m) => writeTensor(m, initializer, folder))
  for (const input of graph.inputs) w.message(11, (m) => writeValueInfo(m, input))
  for (const output of graph.outputs) w.message(12, (m) => writeValueInfo(m, output))
}

function writeNode(w: ProtobufWriter, node: Node, folder: string | undefined): void {
  const row = OPS[node.op]!
  for (const input of node.inputs) w.string(1, input?.name ?? '')
  for (const output of node.outputs) w.string(2, output.name)
  w.string(3, node.outputs[0]!.name)
  w.string(4, node.op)
  for (const [name, value] of Object.entries(node.attributes)) {
    const kind = row.attributes?.[name]
    if (!kind) throw new Error(`${node.op}: unknown attribute ${name}`)
    w.message(5, (m) => writeAttribute(m, name, kind, value, folder))
  }
  if (row.domain) w.string(7, row.domain)
}

function writeAttribute(
  w: ProtobufWriter,
  name: string,
  kind: AttributeKind,
  value: Attribute,
  folder: string | undefined,
): void {
  w.string(1, name)
  if (kind === 'float') w.float(2, value as number)
  if (kind === 'int') w.int(3, value as number)
  if (kind === 'string') w.bytes(4, new TextEncoder().encode(value as string))
  if (kind === 'graph') w.message(6, (m) => writeGraph(m, value as Graph, folder))
  if (kind === 'floats') w.packedFloats(7, value as number[])
  if (kind === 'ints') w.packedInts(8, value as number[])
  w.int(20, ATTRIBUTE_TYPE[kind])
}

function writeTensor(w: ProtobufWriter, { value, data }: Initializer, folder: string | undefined): void {
  w.packedInts(1, value.shape as number[])
  w.int(2, ONNX_TYPE[value.type])
  w.string(8, value.name)
  if (data.kind === 'inline') {
    w.bytes(9, data.bytes)
    return
  }
  const location = relative(folder!, data.path).split(sep).join('/')
  const entries = { location, offset: data.offset, length: data.length }
  for (const [key, entry] of Object.entries(entries))
    w.message(13, (m) => {
      m.string(1, key)
      m.string(2, String(entry))
    })
  w.int(14, EXTERNAL)
}

function writeValueInfo(w: ProtobufWriter, value: Value): void {
  w.string(1, value.name)
  w.message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.int(1, ONNX_TYPE[value.type])
      tensor.message(2, (shape) => {
        for (const dim of value.shape)
          shape.message(1, (d) => (typeof dim === 'number' ? d.int(1, dim) : d.string(2, dim)))
      })
    }),
  )
}
