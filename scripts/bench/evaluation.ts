// Cost of evaluation: features per image, statistics of 50,000 images, a Frechet distance at Inception's width.
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFile } from '../../src/engine/bytes/index.ts'
import { openCheckpoint, type TensorView } from '../../src/engine/checkpoint/index.ts'
import { graphToOnnx } from '../../src/engine/graph/index.ts'
import {
  featuresToStatistics,
  frechetDistance,
  plainMatrixProduct,
  type FeatureRows,
} from '../../src/engine/metrics/index.ts'
import { dinov2ClassToken } from '../../src/engine/models/dinov2.ts'
import { INCEPTION_WIDTHS, inceptionFeatures } from '../../src/engine/models/inception/inception.ts'
import { modelTensors, type ModelTensors } from '../../src/engine/models/tensors.ts'
import { runEvaluate } from '../../src/engine/runs/evaluation/evaluate.ts'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { openModels } from '../../src/engine/model-set/open-models.ts'
import { openMatrixProduct } from '../../src/engine/devices/matrix-product.ts'
import { openSession, tensor } from '../../src/engine/session/index.ts'
import { digits, type Row } from './table.ts'
import { inTurn, median, timed } from './timing.ts'

const WIDTH = INCEPTION_WIDTHS.features
const IMAGES = 50_000
const SIDE = 256
const BATCH = 8
const MAX_FRECHET_SECONDS = 15

export async function measureEvaluation(rounds: number, quick: boolean): Promise<Row[]> {
  return [
    await inceptionRow(rounds),
    await dinov2Row(rounds),
    await demoRow(),
    ...(await statisticsRows(quick ? 4096 : IMAGES)),
  ]
}

async function inceptionRow(rounds: number): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'digit-bench-'))
  try {
    const path = join(folder, 'inception.safetensors')
    await writeRandomInception(path)
    const weights = await openCheckpoint(path)
    const graph = inceptionFeatures(modelTensors(weights), { width: SIDE, height: SIDE })
    const session = await openSession(graphToOnnx(graph), { provider: 'cpu' })
    const rgb = tensor('u8', new Uint8Array(BATCH * SIDE * SIDE * 3).fill(99), [BATCH, SIDE, SIDE, 3])
    const [times] = await inTurn([() => session.run({ rgb })], rounds)
    await session.close()
    await weights.close()
    return imagesRow('Inception-v3, 256 pixels', median(times!))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function dinov2Row(rounds: number): Promise<Row> {
  const models = await openModels([demoFolder()])
  try {
    const { tensors } = await models.open('encoder')
    const side = 16 * (tensors.get('patch_embed.proj.weight').shape[3] ?? 0)
    const session = await openSession(graphToOnnx(dinov2ClassToken(tensors)), { provider: 'cpu' })
    const pixels = tensor('f32', new Float32Array(BATCH * 3 * side * side), [BATCH, 3, side, side])
    const [times] = await inTurn([() => session.run({ pixels })], rounds)
    await session.close()
    return imagesRow('class token of the demo encoder', median(times!))
  } finally {
    await models.close()
  }
}

/** FD-DINOv2 as users run it: half of the demo's pictures compared with the others, then again with cached features. */
async function demoRow(): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'digit-bench-'))
  const { DIGIT_CACHE: before } = process.env
  process.env.DIGIT_CACHE = join(folder, 'cache')
  try {
    const pictures = join(demoFolder(), 'images')
    const groups = (await readdir(pictures)).sort()
    for (const half of ['0', '1']) await mkdir(join(folder, half))
    for (const [i, group] of groups.entries())
      await symlink(join(pictures, group), join(folder, String(i % 2), group))
    const spec = { kind: 'evaluate', model: demoFolder(), device: 'cpu', protocol: 'dinov2' } as const
    const sets = { images: join(folder, '0'), reference: join(folder, '1') }
    const callbacks = { signal: new AbortController().signal, progress: () => {} }
    const measured = (out: string) =>
      timed(() =>
        runEvaluate(
          { ...spec, ...sets, out: join(folder, out), confidence: false, perClass: false },
          callbacks,
        ),
      )
    const first = await measured('first')
    const again = await measured('again')
    return {
      name: "FD-DINOv2 of the demo's pictures",
      text: `${digits(first.ms / 1000)} s; ${digits(again.ms / 1000)} s with cached features`,
      numbers: { ms: first.ms, again: again.ms },
      aims: [{ text: 'cached features are faster', holds: again.ms < first.ms }],
    }
  } finally {
    if (before === undefined) delete process.env.DIGIT_CACHE
    else process.env.DIGIT_CACHE = before
    await rm(folder, { recursive: true })
  }
}

const imagesRow = (name: string, ms: number): Row => ({
  name: `${name}, batch ${BATCH}`,
  text: `${digits((1000 * BATCH) / ms)} images/s`,
  numbers: { rate: (1000 * BATCH) / ms },
})

/** Features are read from a file, as evaluation reads them. */
async function statisticsRows(count: number): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'digit-bench-'))
  const { matrixProduct, close } = await openMatrixProduct()
  try {
    const path = join(folder, 'features.f32')
    await writeRows(path, count)
    const source = await openFile(path)
    const rowBytes = 4 * WIDTH
    const rows: FeatureRows = {
      count,
      width: WIDTH,
      read: async (from, to) =>
        new Float32Array(Uint8Array.from(await source.read(from * rowBytes, to * rowBytes)).buffer),
    }
    const statistics = await timed(() => featuresToStatistics(rows, { matrixProduct }))
    const half = await featuresToStatistics({ ...rows, count: count >> 1 }, { matrixProduct })
    const distance = await timed(() => frechetDistance(half, statistics.result, { matrixProduct }))
    const plain = await timed(() =>
      frechetDistance(half, statistics.result, { matrixProduct: plainMatrixProduct }),
    )
    await source.close()
    const seconds = distance.ms / 1000
    return [
      {
        name: `statistics of ${count} x ${WIDTH}`,
        text: `${digits(statistics.ms / 1000)} s`,
        numbers: { ms: statistics.ms },
      },
      {
        name: `Frechet distance, ${WIDTH} dimensions`,
        text: `${digits(seconds)} s; ${digits(plain.ms / 1000)} s with products in JavaScript`,
        numbers: { ms: distance.ms, plain: plain.ms },
        aims: [{ text: `< ${MAX_FRECHET_SECONDS} s`, holds: seconds < MAX_FRECHET_SECONDS }],
      },
    ]
  } finally {
    await close()
    await rm(folder, { recursive: true })
  }
}

/** Numbers of a 32-bit linear congruential generator (Numerical Recipes). */
async function writeRows(path: string, count: number): Promise<void> {
  const file = createWriteStream(path)
  let state = 1
  const row = new Float32Array(WIDTH * 64)
  for (let from = 0; from < count; from += 64) {
    const rows = Math.min(64, count - from)
    for (let i = 0; i < rows * WIDTH; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      row[i] = (state >>> 8) / 2 ** 24
    }
    if (!file.write(new Uint8Array(row.slice(0, rows * WIDTH).buffer))) await once(file, 'drain')
  }
  file.end()
  await once(file, 'finish')
}

/** Every tensor of the network with small numbers, because time does not depend on values. */
async function writeRandomInception(path: string): Promise<void> {
  const shapes = new Map<string, readonly number[]>()
  const asked: ModelTensors = {
    file: path,
    names: [],
    has: () => true,
    get(name, shape = [INCEPTION_WIDTHS.logits, WIDTH]) {
      shapes.set(name, shape)
      return { name, shape, dtype: 'f32', contiguous: true, path, offset: 0 } as TensorView
    },
  }
  inceptionFeatures(asked, { width: SIDE, height: SIDE })
  let end = 0
  const size = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 4)
  const header = [...shapes].map(([name, shape]) => {
    const start = end
    end += size(shape)
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }] as const
  })
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const file = createWriteStream(path)
  file.write(Buffer.concat([length, json]))
  for (const shape of shapes.values())
    file.write(new Uint8Array(new Float32Array(size(shape) / 4).fill(0.01).buffer))
  file.end()
  await once(file, 'finish')
}
