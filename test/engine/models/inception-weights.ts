// Inception-v3 with weights from a formula, written as the state dict a person would have, so that tests need no
// 95 MB file. The formula is that of test/fixtures/inception/make.py.
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { truncate, writeFile } from 'node:fs/promises'
import { rowMajorStrides } from '../../../src/engine/bytes/index.ts'
import { inceptionFeatures } from '../../../src/engine/models/inception/inception.ts'
import type { ModelTensors } from '../../../src/engine/models/tensors.ts'
import { uniform } from '../metrics/formula.ts'

/** Names and shapes as the network asks for them. */
export function inceptionShapes(): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  const recorder: ModelTensors = {
    file: 'inception',
    names: [],
    has: () => true,
    get(name, shape = [1008, 2048]) {
      shapes.set(name, shape)
      const strides = rowMajorStrides(shape)
      const read = () => Promise.reject(new Error('never read'))
      return { name, shape, strides, dtype: 'f32', contiguous: true, path: '/x', offset: 0, read }
    },
  }
  inceptionFeatures(recorder, { width: 299, height: 299 })
  return shapes
}

/** Writes them as a safetensors file. */
export async function writeInception(path: string): Promise<void> {
  const { head, shapes } = safetensorsOf({})
  const file = createWriteStream(path)
  for (const part of head) file.write(part)
  for (const [name, shape] of shapes) file.write(new Uint8Array(formulaWeight(name, shape).buffer))
  file.end()
  await once(file, 'finish')
}

/**
 * The same with weights of 0, which a file system need not even store, for what only identifies the file; some tensors with
 * other shapes, as another year's network has them.
 */
export async function writeEmptyInception(
  path: string,
  others: Readonly<Record<string, readonly number[]>> = {},
): Promise<void> {
  const { head, end } = safetensorsOf(others)
  const start = Buffer.concat(head)
  await writeFile(path, start)
  await truncate(path, start.length + end)
}

/** Length and header of the file, the shapes, and the bytes of all tensors. */
function safetensorsOf(others: Readonly<Record<string, readonly number[]>>) {
  const shapes = new Map([...inceptionShapes(), ...Object.entries(others)])
  let end = 0
  const header = JSON.stringify(
    Object.fromEntries(
      [...shapes].map(([name, shape]) => {
        const start = end
        end += 4 * shape.reduce((a, b) => a * b)
        return [name, { dtype: 'F32', shape, data_offsets: [start, end] }]
      }),
    ),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return { head: [length, Buffer.from(header)], shapes, end }
}

function formulaWeight(name: string, shape: readonly number[]): Float32Array {
  const u = uniform(
    shape.reduce((a, b) => a * b),
    fnv1a(name),
  )
  const fanIn = shape.slice(1).reduce((a, b) => a * b, 1)
  const [base, scale] =
    shape.length > 1
      ? [0, 2 * Math.sqrt(6 / fanIn)]
      : name.endsWith('running_var')
        ? [1, 0.5]
        : [name.endsWith('bn.weight') ? 1 : 0, 0.2]
  const weights = new Float32Array(u.length)
  for (let i = 0; i < u.length; i++) weights[i] = base + scale * u[i]!
  return weights
}

function fnv1a(text: string): number {
  let hash = 2166136261
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 16777619)
  return hash >>> 0
}
