// What is in a folder of exported networks, for people.
import type { Value } from '../../graph/index.ts'
import { foreignOps } from './standard.ts'
import type { GraphForExport } from './write.ts'

const TYPES: Readonly<Record<string, string>> = { f32: 'float32', i64: 'int64', u8: 'uint8', f16: 'float16' }
/** Caches have two tensors a layer; one line says it. */
const OF_LAYER = /_[kv]_\d+(_out)?$/

export function readme(networks: readonly GraphForExport[], models: readonly string[]): string {
  const foreign = [...new Set(networks.flatMap(({ graph }) => foreignOps(graph)))]
  return `# Networks as ONNX

Written by DiGIT Workbench from ${models.map((path) => `\`${path}\``).join(', ')}. Each \`.onnx\` reads its weights from the
\`.data\` file named below, which must be in the same folder. Opset 21, float32${
    foreign.length > 0
      ? `; beside the standard's operators: ${foreign.join(', ')} (of onnxruntime)`
      : ", the standard's operators alone"
  }.

\`\`\`python
import onnxruntime
session = onnxruntime.InferenceSession('${networks[0]!.name}.onnx')
print([(i.name, i.type, i.shape) for i in session.get_inputs()])
\`\`\`

A size that is a letter is known when it runs: B images, T positions, P positions of the cache.
${networks.map(section).join('')}`
}

const section = ({ name, data, about, graph }: GraphForExport) => `
## ${name}.onnx

Weights: \`${data}.data\`. ${about}

| | name | type | shape |
|---|---|---|---|
${rows('input', graph.inputs)}${rows('output', graph.outputs)}`

function rows(what: string, values: readonly Value[]): string {
  const caches = values.filter(({ name }) => OF_LAYER.test(name))
  const first = new Set(caches.filter(({ name }) => /_[kv]_0(_out)?$/.test(name)))
  return values
    .filter((value) => !caches.includes(value) || first.has(value))
    .map((value) => {
      const prefix = value.name.replace(/_0(_out)?$/, '')
      const count = caches.filter(({ name }) => name.replace(/_\d+(_out)?$/, '') === prefix).length
      const name =
        first.has(value) && count > 1
          ? `${value.name} .. ${value.name.replace(/_0(?=_out$|$)/, `_${count - 1}`)}`
          : value.name
      return `| ${what} | \`${name}\` | ${TYPES[value.type] ?? value.type} | [${value.shape.join(', ')}] |\n`
    })
    .join('')
}
