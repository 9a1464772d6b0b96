// Exported networks, opened by onnxruntime alone from their folder: the same numbers as here and as the original classes.
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { exportOnnx } from '../../../src/engine/runs/onnx/export.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { references } from '../models/generators/fixture.ts'
import { maxDifference } from '../models/run-graph.ts'

const folder = temporaryFolder().path
const FIXTURES = resolve('test/fixtures')
const callbacks = { progress: () => {}, signal: new AbortController().signal }

const exported = async (model: string, hints = {}) => {
  const out = join(folder, model.replaceAll('/', '-'))
  const files = await exportOnnx({ model: join(FIXTURES, model), out, hints, force: false }, callbacks)
  return { out, files }
}
/** One run by onnxruntime, without anything of this program. */
async function run(path: string, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1 })
  try {
    return (await session.run(feeds)) as Record<string, Tensor>
  } finally {
    await session.release()
  }
}
const ids = (values: readonly number[], shape: readonly number[]) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), shape)
const numbers = (tensor: Tensor | undefined) => Array.from(tensor!.data as Float32Array, Number)

/** A cache of length 0 for every such input of a step. */
async function emptyCache(path: string): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(path)
  const past = session.inputMetadata.filter(({ name }) => name.startsWith('past_'))
  await session.release()
  return Object.fromEntries(
    past.map((input) => {
      const [, heads, , width] = (input as unknown as { shape: number[] }).shape
      return [input.name, new Tensor('float32', new Float32Array(0), [1, heads!, 0, width!])]
    }),
  )
}
const asPast = (outputs: Record<string, Tensor>) =>
  Object.fromEntries(
    Object.entries(outputs).flatMap(([name, tensor]) =>
      name.startsWith('present_') ? [[name.replace('present', 'past'), tensor]] : [],
    ),
  )

/** The logits of the last of `all`, read in two steps with a cache. */
async function lastOfSteps(path: string, all: readonly number[], more: Record<string, Tensor> = {}) {
  const half = all.length - 1
  const first = await run(path, {
    ids: ids(all.slice(0, half), [1, half]),
    start: ids([0], []),
    ...more,
    ...(await emptyCache(path)),
  })
  const second = { ids: ids(all.slice(half), [1, 1]), start: ids([half], []), ...more, ...asPast(first) }
  return numbers((await run(path, second)).logits)
}

test('every network of DiGIT, with a README of its inputs', async () => {
  const { out, files } = await exported('official-tiny')
  expect(files).toEqual(
    expect.arrayContaining([
      'encoder.onnx',
      'stage1_pass.onnx',
      'stage1_step.onnx',
      'stage2_ar_step.onnx',
      'stage2_nar_pass.onnx',
      'vqgan_decode.onnx',
      'vqgan_encode.onnx',
    ]),
  )
  const text = await readFile(join(out, 'README.md'), 'utf8')
  for (const file of files) expect(text).toContain(`## ${file}`)
  expect(text).toContain("the standard's operators alone")
  expect(text).toContain('| input | `past_k_0 .. past_k_')

  // Stage 1: a pass and two steps agree.
  const sequence = [2, 7, 9, 11]
  const whole = numbers((await run(join(out, 'stage1_pass.onnx'), { ids: ids(sequence, [1, 4]) })).logits)
  const last = whole.slice(-whole.length / 4)
  expect(maxDifference(await lastOfSteps(join(out, 'stage1_step.onnx'), sequence), last)).toBeLessThan(1e-4)
  // Codes that are decoded and encoded: the networks run, and a picture has its size.
  const codes = ids(new Array<number>(256).fill(3), [1, 256])
  const { pixels } = await run(join(out, 'vqgan_decode.onnx'), { codes })
  const encoded = await run(join(out, 'vqgan_encode.onnx'), { pixels: pixels! })
  expect(encoded.codes!.dims).toEqual([1, 256])
  const { tokens } = await run(join(out, 'encoder.onnx'), { pixels: pixels! })
  expect(tokens!.dims).toEqual([1, 256])
})

test('LlamaGen gives the original logits in a pass and in steps', async () => {
  const { out } = await exported('generators/llamagen')
  const expected = await references('llamagen', ['classes', 'input_ids', 'logits_cond'])
  const V = 56
  const sequence = [V + expected.classes![0]!, ...expected.input_ids!.slice(0, 5)]
  const { logits } = await run(join(out, 'llamagen_pass.onnx'), { ids: ids(sequence, [1, 6]) })
  expect(maxDifference(numbers(logits), expected.logits_cond!.slice(0, 6 * V))).toBeLessThan(1e-4)
  const last = await lastOfSteps(join(out, 'llamagen_step.onnx'), sequence)
  expect(maxDifference(last, expected.logits_cond!.slice(5 * V, 6 * V))).toBeLessThan(1e-4)
  // Nothing of the checkpoint is needed: files are of this folder.
  expect((await readdir(out)).sort()).toEqual(
    [
      'README.md',
      'llamagen.data',
      'llamagen_pass.onnx',
      'llamagen_step.onnx',
      'llamagen_vq.data',
      'llamagen_vq_decode.onnx',
      'llamagen_vq_encode.onnx',
    ].sort(),
  )
})

test('VAR gives the original logits of all scales, from maps of its tokenizer', async () => {
  const { out } = await exported('generators/var')
  const expected = await references('var', ['classes', 'input_tokens', 'input_maps', 'logits_cond'])
  const { maps } = await run(join(out, 'var_maps.onnx'), {
    codes: ids(expected.input_tokens!.slice(0, 680), [1, 680]),
  })
  const width = maps!.dims[2]!
  const all = Float32Array.from([...new Array<number>(width).fill(0), ...numbers(maps)])
  const { logits } = await run(join(out, 'var_pass.onnx'), {
    maps: new Tensor('float32', all, [1, 680, width]),
    condition: ids([expected.classes![0]!], [1]),
  })
  expect(maxDifference(numbers(logits), expected.logits_cond!)).toBeLessThan(2e-4)
})

test('refuses a folder with other files, and a model whose heads nobody says', async () => {
  await expect(
    exportOnnx({ model: join(FIXTURES, 'generators/rar'), out: folder, hints: {}, force: false }, callbacks),
  ).rejects.toThrow('not empty; choose another folder, or overwrite with --force')
  await expect(exported('generators/mage')).rejects.toThrow('set it with --heads')
})
