// 256 images of the demo in each precision -> their FD-DINOv2 to the demo's pictures, and how far it is from float32's.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { WeightBits } from '../../src/shared/run/precision.ts'
import { openChunkDecoder } from '../../src/engine/decoding/autoregressive.ts'
import { weighted } from '../../src/engine/decoding/open-decoder.ts'
import { arithmeticOf } from '../../src/engine/devices/precision.ts'
import { graphToOnnx } from '../../src/engine/graph/index.ts'
import { decodeImage, preprocess, type RgbImage } from '../../src/engine/images/index.ts'
import { featuresToStatistics, frechetDistance, rowsInMemory } from '../../src/engine/metrics/index.ts'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { openModels, type OpenModels, type OpenTransformer } from '../../src/engine/model-set/open-models.ts'
import { dinov2ClassToken } from '../../src/engine/models/dinov2.ts'
import { SPECIALS } from '../../src/engine/models/transformer-config.ts'
import { openSession, type Provider } from '../../src/engine/session/index.ts'
import { openPixelDecoder, picturesToPixels } from '../../src/engine/tokenizer/tokenizer.ts'
import { sequences, STAGE1_SAMPLING, STAGE2_SAMPLING } from './sequences.ts'
import { digits, percent, type Row } from './table.ts'

const IMAGES = 256
const BATCH = 32
const GROUPS = 16
/** A GPU's float16 is computed on the processor, where onnxruntime casts around what has no kernel of it. */
const WAYS = [
  ['fp32', 32, 'cpu'],
  ['fp16, as on a GPU', 16, 'cuda'],
  ['fp16, as on the processor', 16, 'cpu'],
  ['int8', 8, 'cpu'],
  ['int4', 4, 'cpu'],
] as const satisfies readonly (readonly [string, WeightBits, Provider])[]

export async function measurePrecision(quick: boolean): Promise<Row[]> {
  const models = await openModels([demoFolder()])
  const count = quick ? BATCH : IMAGES
  try {
    const reference = await featuresOf(models, await demoPictures(models, quick ? 4 : Infinity))
    const rows: Row[] = []
    let first: { tokens: Int32Array[]; distances: number[] } | undefined
    for (const [name, bits, provider] of WAYS) {
      const { images, tokens } = await sample(models, bits, provider, count)
      const distances = await withoutEach(await featuresOf(models, images), reference)
      first ??= { tokens, distances }
      const apart = distances.map((value, i) => value - first!.distances[i]!)
      const same = tokens.filter((grid, i) => grid.every((token, at) => token === first!.tokens[i]![at]))
      rows.push({
        name,
        text: `FD-DINOv2 ${digits(distances[0]!)}, ${digits(apart[0]!)} ± ${digits(errorOf(apart))} from fp32; ${percent(same.length / count)} of the images have the same codes`,
        numbers: { distance: distances[0]!, apart: apart[0]!, error: errorOf(apart) },
        ...(bits === 16
          ? { aims: [{ text: 'within 2 errors', holds: Math.abs(apart[0]!) <= 2 * errorOf(apart) }] }
          : {}),
      })
    }
    return rows
  } finally {
    await models.close()
  }
}

async function sample(models: OpenModels, bits: WeightBits, provider: Provider, count: number) {
  const open = async (model: OpenTransformer) =>
    openChunkDecoder(await weighted(model, bits, provider), { provider: 'cpu' })
  const second = await models.open('stage2Ar')
  const [stage1, stage2] = [await open(await models.open('stage1')), await open(second)]
  const pixels = await openPixelDecoder(await models.open('vqgan'), 'cpu', arithmeticOf(bits, provider))
  const images: RgbImage[] = []
  const tokens: Int32Array[] = []
  for (let from = 0; from < count; from += BATCH) {
    const start = sequences(from + BATCH).slice(from)
    const grids = await stage1.decode(start, { sampling: STAGE1_SAMPLING })
    const prefixed = start.map((sequence, i) => ({
      ...sequence,
      use: 'stage2' as const,
      prefix: [
        ...Array.from(grids[i]!.tokens, (token) => token + second.config.vocabulary + 2 * SPECIALS),
        ...sequence.prefix,
      ],
    }))
    const codes = await stage2.decode(prefixed, { sampling: STAGE2_SAMPLING })
    tokens.push(...codes.map((grid) => grid.tokens))
    images.push(...(await pixels.decode(codes.map((grid) => grid.tokens))))
  }
  for (const one of [stage1, stage2, pixels]) await one.close()
  return { images, tokens }
}

async function demoPictures(models: OpenModels, each: number): Promise<RgbImage[]> {
  const root = join(demoFolder(), 'images')
  const paths: string[] = []
  for (const folder of (await readdir(root)).sort())
    paths.push(
      ...(await readdir(join(root, folder)))
        .sort()
        .slice(0, each)
        .map((name) => join(root, folder, name)),
    )
  const side = await sideOf(models)
  return Promise.all(paths.map(async (path) => preprocess(await decodeImage(path, path), side)))
}

const sideOf = async (models: OpenModels) =>
  16 * (await models.open('encoder')).tensors.get('patch_embed.proj.weight').shape[3]!

/** Class tokens [count, D]. */
async function featuresOf(models: OpenModels, pictures: readonly RgbImage[]) {
  const { tensors } = await models.open('encoder')
  const session = await openSession(graphToOnnx(dinov2ClassToken(tensors)), { provider: 'cpu' })
  const side = await sideOf(models)
  const rows: Float32Array[] = []
  for (let from = 0; from < pictures.length; from += BATCH) {
    const part = await Promise.all(pictures.slice(from, from + BATCH).map((one) => preprocess(one, side)))
    const { features } = await session.run({ pixels: picturesToPixels(part, side) })
    const width = features!.dims[1] as number
    for (let i = 0; i < part.length; i++)
      rows.push((features!.data as Float32Array).slice(i * width, (i + 1) * width))
  }
  await session.close()
  return rows
}

/** The distance of all images, then without each of the groups (image i is in group i mod GROUPS). */
async function withoutEach(images: readonly Float32Array[], reference: readonly Float32Array[]) {
  const statistics = (rows: readonly Float32Array[]) =>
    featuresToStatistics(
      rowsInMemory(Float32Array.from(rows.flatMap((row) => [...row])), rows[0]!.length),
      {},
    )
  const there = await statistics(reference)
  const distances: number[] = []
  for (let without = -1; without < GROUPS; without++) {
    const kept = images.filter((_, i) => without < 0 || i % GROUPS !== without)
    distances.push(await frechetDistance(await statistics(kept), there))
  }
  return distances
}

/** Delete-a-group jackknife. Efron & Tibshirani 1993, equation 11.5. */
function errorOf([, ...without]: readonly number[]): number {
  const n = without.length
  const mean = without.reduce((sum, value) => sum + value, 0) / n
  return Math.sqrt(((n - 1) / n) * without.reduce((sum, value) => sum + (value - mean) ** 2, 0))
}
