// CLIP's image tower against the original classes (tools/clip/make.py), by all names and forms of its files; CMMD.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openFile, readNpz } from '../../../src/engine/bytes/index.ts'
import { openCheckpoint } from '../../../src/engine/checkpoint/index.ts'
import { maximumMeanDiscrepancy, rowsInMemory } from '../../../src/engine/metrics/index.ts'
import { lookAt } from '../../../src/engine/model-set/find-models.ts'
import { findClip, openClip } from '../../../src/engine/runs/evaluation/clip-extractor.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { maxDifference } from './run-graph.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/clip')
const [WIDTH, HEIGHT, COUNT] = [48, 40, 3]
const folder = temporaryFolder()
let truth: Readonly<Record<'quick' | 'gelu', Float64Array>>
let images: { rgb: Uint8Array; width: number; height: number }[]

beforeAll(async () => {
  const source = await openFile(join(FIXTURES, 'reference.npz'))
  const arrays = await readNpz(source, ['images', 'quick', 'gelu'])
  await source.close()
  const all = Uint8Array.from(arrays.get('images')!.data, Number)
  const size = WIDTH * HEIGHT * 3
  images = Array.from({ length: COUNT }, (_, i) => ({
    rgb: all.slice(i * size, (i + 1) * size),
    width: WIDTH,
    height: HEIGHT,
  }))
  const of = (name: string) => Float64Array.from(arrays.get(name)!.data, Number)
  truth = { quick: of('quick'), gelu: of('gelu') }
})

/** A folder with one of the fixtures and files beside it. */
function placed(name: string, fixture: string, beside: Readonly<Record<string, unknown>> = {}): string {
  const place = join(folder.path, name)
  mkdirSync(place, { recursive: true })
  const file = join(place, fixture)
  copyFileSync(join(FIXTURES, fixture), file)
  for (const [other, content] of Object.entries(beside))
    writeFileSync(join(place, other), JSON.stringify(content))
  return file
}

/** The tensors of OpenAI's archive as a safetensors file, as open_clip has them. */
async function openClipFile(name: string, beside: Readonly<Record<string, unknown>>): Promise<string> {
  const weights = await openCheckpoint(join(FIXTURES, 'openai.pt'))
  const header: Record<string, unknown> = {}
  const parts: Uint8Array[] = []
  let at = 0
  for (const view of weights.tensors.values()) {
    if (!view.name.startsWith('visual.')) continue
    const values = Float32Array.from((await view.read()) as Iterable<number>)
    header[view.name] = { dtype: 'F32', shape: view.shape, data_offsets: [at, (at += values.byteLength)] }
    parts.push(new Uint8Array(values.buffer))
  }
  await weights.close()
  const json = Buffer.from(JSON.stringify(header).padEnd(8 * Math.ceil(JSON.stringify(header).length / 8)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const place = join(folder.path, name)
  mkdirSync(place, { recursive: true })
  const file = join(place, 'open_clip_model.safetensors')
  writeFileSync(file, Buffer.concat([length, json, ...parts]))
  for (const [other, content] of Object.entries(beside))
    writeFileSync(join(place, other), JSON.stringify(content))
  return file
}

async function embeddings(file: string) {
  const clip = await openClip(await findClip([], file), 'cpu')
  try {
    return { features: (await clip.extract(images)).features!, ...clip }
  } finally {
    await clip.close()
  }
}

/** float32 on both sides, 2 blocks; embeddings are of size 1 to 5. */
const TOLERANCE = 2e-5

describe('embeddings of images that are resized and cropped are those of the original code', () => {
  test("for OpenAI's archive", async () => {
    const { features, network, input, layers } = await embeddings(join(FIXTURES, 'openai.pt'))
    expect(maxDifference(features, truth.quick)).toBeLessThan(TOLERANCE)
    expect(maxDifference(features, truth.gelu)).toBeGreaterThan(100 * TOLERANCE)
    expect(network).toBe('CLIP 2-block ViT')
    expect(input).toContain('crop to 32')
    expect(layers).toEqual({ features: 16 })
  })

  test('for the names of transformers, with its config.json', async () => {
    const file = placed('hf', 'hf.safetensors', {
      'config.json': { vision_config: { hidden_act: 'quick_gelu' } },
    })
    expect(maxDifference((await embeddings(file)).features, truth.quick)).toBeLessThan(TOLERANCE)
  })

  test('for open_clip, with the activation of its configuration', async () => {
    for (const [quick_gelu, name] of [
      [true, 'quick'],
      [false, 'gelu'],
    ] as const) {
      const file = await openClipFile(name, { 'open_clip_config.json': { model_cfg: { quick_gelu } } })
      expect(maxDifference((await embeddings(file)).features, truth[name])).toBeLessThan(TOLERANCE)
    }
  })
})

describe('a file', () => {
  test('is recognized as its own kind of model', async () => {
    const { files } = await lookAt([join(FIXTURES, 'openai.pt'), join(FIXTURES, 'hf.safetensors')])
    expect(files.map(({ kind, problem }) => [kind, problem])).toEqual([
      ['clip', undefined],
      ['clip', undefined],
    ])
    expect(files[0]!.summary).toBe('CLIP image tower, 2-block ViT, embeddings of 16, fp16')
    expect(files[0]!.facts).toMatchObject({ width: 64, depth: 2, patch: 8, side: 32, isArchive: true })
  })

  test('without a word about its activation is refused, and so is one of another kind', async () => {
    const alone = placed('alone', 'hf.safetensors')
    await expect(embeddings(alone)).rejects.toThrow(
      'hf.safetensors: unknown activation (expected open_clip_config.json',
    )
    const other = placed('other', 'hf.safetensors', {
      'config.json': { vision_config: { hidden_act: 'relu' } },
    })
    await expect(embeddings(other)).rejects.toThrow(
      'unsupported hidden_act (found relu, expected quick_gelu or gelu)',
    )
    await expect(findClip([], join(FIXTURES, 'reference.npz'))).rejects.toThrow('reference.npz')
    await expect(findClip([])).rejects.toThrow('this protocol requires CLIP')
  })
})

test('CMMD is that of the original code, for vectors of any length', async () => {
  const rows = (count: number, shift: number, scale: (i: number) => number) =>
    rowsInMemory(
      Float32Array.from({ length: count * 6 }, (_, at) => {
        const [i, j] = [Math.floor(at / 6), at % 6]
        return scale(i) * Math.fround(Math.sin(i * 1.7 + j * j * 0.9 + shift) + 0.3 * j)
      }),
      6,
    )
  const found = await maximumMeanDiscrepancy(
    rows(7, 0, (i) => 1 + i),
    rows(5, 0.5, () => 2),
  )
  // tools/clip/make.py; times 1000, and the vectors are float32.
  expect(found).toBeCloseTo(0.2155017249496627, 4)
  const zero = rowsInMemory(new Float32Array(6), 6)
  await expect(
    maximumMeanDiscrepancy(
      rows(7, 0, () => 1),
      zero,
    ),
  ).rejects.toThrow('features of image 0 are all 0')
})
