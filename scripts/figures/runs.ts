// Runs of the demo for the gallery of figures, and data from their image records.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { runAtlas } from '../../src/engine/runs/atlas/atlas.ts'
import { textToRecord, type ImageRecord } from '../../src/engine/records/image-record.ts'
import { runReconstruct } from '../../src/engine/runs/reconstruct.ts'
import { runSample } from '../../src/engine/runs/sample.ts'
import { runTokenize } from '../../src/engine/runs/tokenize.ts'
import type { Pinned, SampleSpec } from '../../src/shared/run/run.ts'

const callbacks = { signal: new AbortController().signal, progress: () => {} }
const common = {
  model: demoFolder(),
  device: 'cpu',
  batchSize: 16,
  weightBits: 32,
  stage2: 'ar',
  stage2Sampling: { temperature: 1, topK: 0, topP: 0.8 },
  masked: { steps: 8, choiceTemperature: 4.5 },
} as const

export interface Runs {
  readonly folder: string
  sample(name: string, fields: Partial<SampleSpec>): Promise<readonly ImageRecord[]>
  reconstruct(name: string, images: readonly string[], vqganOnly?: true): Promise<void>
  /** Atlas of the codebook over these pictures, with a UMAP layout. */
  atlas(name: string, images: string): Promise<void>
}

export const runsIn = (folder: string): Runs => ({
  folder,
  async sample(name, fields) {
    const spec: SampleSpec = {
      kind: 'sample',
      ...common,
      out: join(folder, name),
      seed: 0,
      count: 1,
      classes: [],
      stage1Sampling: { temperature: 1, topK: 200, topP: 0 },
      shards: 1,
      shard: 0,
      ...fields,
    }
    await runSample(spec, callbacks)
    console.error(name)
    return Array.from({ length: spec.count }, (_, image) => recordAt(join(folder, name), image))
  },
  async reconstruct(name, images, vqganOnly) {
    const how = vqganOnly ? { vqganOnly } : {}
    await runReconstruct(
      { kind: 'reconstruct', ...common, ...how, seed: 0, out: join(folder, name), images: [...images] },
      callbacks,
    )
    console.error(name)
  },
  async atlas(name, images) {
    const { model, device, batchSize, weightBits } = common
    const dataset = join(folder, `${name}-tokens`)
    const tokens = 'discriminative'
    await runTokenize(
      {
        kind: 'tokenize',
        model,
        device,
        batchSize,
        weightBits,
        out: dataset,
        images: [images],
        codes: false,
      },
      callbacks,
    )
    const out = join(folder, name)
    await runAtlas({ kind: 'atlas', model, device, out, dataset, tokens, umap: true, seed: 0 }, callbacks)
    console.error(name)
  },
})

function recordAt(run: string, image: number): ImageRecord {
  const path = join(run, 'images', `${String(image).padStart(6, '0')}.png`)
  return textToRecord(readFileSync(path), path)
}

/** The discriminative tokens of one image, with a square of cells from another. */
export function withSquareOf(
  { discriminative: into }: ImageRecord,
  { discriminative: from }: ImageRecord,
  [top, left, size]: readonly [number, number, number],
): Pinned {
  if (!into || !from) throw new Error('an image without discriminative tokens')
  const inside = (cell: number): boolean => {
    const [row, column] = [Math.floor(cell / 16) - top, (cell % 16) - left]
    return row >= 0 && column >= 0 && row < size && column < size
  }
  return {
    discriminative: Array.from(into.tokens, (token, cell) => (inside(cell) ? from.tokens[cell]! : token)),
  }
}

/** Of the clusters that have a name the one that occurs in the most images. */
export function telling(
  records: readonly ImageRecord[],
  names: ReadonlyMap<number, string>,
): { token: number; name: string; images: number[] } {
  const found = [...names].map(([token, name]) => ({
    token,
    name,
    images: records.flatMap(({ discriminative }, i) => (discriminative?.tokens.includes(token) ? [i] : [])),
  }))
  const [best] = found.sort((a, b) => b.images.length - a.images.length)
  if (!best || best.images.length < 2) throw new Error('no named cluster is in several images')
  return best
}

/** Mean entropy of each position's draw, over images: [position, nats]. */
export function entropies(
  records: readonly ImageRecord[],
  grid: 'discriminative' | 'codes',
  every: number,
): [number, number][] {
  const sums = new Float64Array(256 / every)
  for (const record of records) {
    const drawn = record[grid]
    if (!drawn || !('entropies' in drawn)) throw new Error('an image whose tokens were not drawn')
    const values = drawn.entropies as Float32Array
    values.forEach((value, i) => (sums[Math.floor(i / every)]! += value / every / records.length))
  }
  return Array.from(sums, (value, i) => [i * every + every / 2, value])
}
