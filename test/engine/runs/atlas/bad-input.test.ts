// What pictures and codebooks that do not fit do to tokens, codebooks and atlases: named, and the rest is done.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeNpy } from '../../../../src/engine/bytes/index.ts'
import { encodePng } from '../../../../src/engine/images/index.ts'
import { runAtlas } from '../../../../src/engine/runs/atlas/atlas.ts'
import { runKMeans } from '../../../../src/engine/runs/kmeans/kmeans.ts'
import { runTokenize } from '../../../../src/engine/runs/tokenize.ts'
import type { KMeansSpec, TokenizeSpec } from '../../../../src/shared/run/run.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { OFFICIAL, reference } from '../../models/run-graph.ts'
import { blackPng, sparseFile } from '../../images/huge-pictures.ts'
import { SMALL_KMEANS } from '../kmeans/small-kmeans.ts'

const folder = temporaryFolder()
const at = (...names: string[]) => join(folder.path, ...names)
const SIDE = 256
const callbacks = { signal: new AbortController().signal, progress: () => {} }
const models = { model: OFFICIAL, device: 'cpu', weightBits: 32, batchSize: 4 } as const
const tokenizeSpec = (images: string, out: string): TokenizeSpec => ({
  kind: 'tokenize',
  ...models,
  images: [at(images)],
  out: at(out),
})
const kmeansSpec = (images: string, out: string): KMeansSpec => ({
  kind: 'kmeans',
  ...models,
  images: [at(images)],
  out: at(out),
  ...SMALL_KMEANS,
})

beforeAll(async () => {
  const images = Uint8Array.from(await reference('image_u8'))
  for (let i = 0; i < 4; i++) {
    const rgb = images.slice(i * SIDE * SIDE * 3, (i + 1) * SIDE * SIDE * 3)
    const png = await encodePng({ rgb, width: SIDE, height: SIDE })
    for (const name of ['small', 'mixed']) folder.write(`${name}/${i}.png`, png)
  }
  folder.write('mixed/1-huge.png', blackPng(20_000, { whole: true }))
  folder.write('mixed/2-claims.png', blackPng(1_000_000, { whole: false }))
  sparseFile(at('mixed/2-long.png'))
})

describe('huge pictures', () => {
  const SKIPPED = [
    /1-huge\.png: not a readable image: image too large \(20000 x 20000 pixels, maximum 178956970 in total\)$/,
    /2-claims\.png: not a readable image: image too large \(1000000 x 1000000 pixels, maximum 178956970 in total\)$/,
    /2-long\.png: not a readable image: file too large \(536870913 bytes, maximum 536870912\)$/,
  ]
  /** Pixels of the least of them, as they would lie in memory. */
  const BYTES = 3 * 20_000 ** 2

  /** Does the same with the small pictures alone, then with the huge ones among them: what that takes more at the most. */
  async function both(work: (images: string, out: string) => Promise<unknown>): Promise<void> {
    await work('small', 'small')
    const before = process.resourceUsage().maxRSS * 1024
    await work('mixed', 'mixed')
    const more = process.resourceUsage().maxRSS * 1024 - before
    expect(more).toBeLessThan(BYTES / 4)
  }
  const skippedIn = (out: string) => readFileSync(at(out, 'unreadable.txt'), 'utf8').trim().split('\n')
  const expectSkipped = (lines: readonly string[]) => {
    expect(lines).toHaveLength(SKIPPED.length)
    for (const [i, line] of lines.entries()) expect(line).toMatch(SKIPPED[i]!)
  }

  it('are skipped when pictures are tokenized', async () => {
    const tokenize = (images: string, out: string) =>
      runTokenize(tokenizeSpec(images, `tokens-${out}`), callbacks)
    await both(tokenize)
    expectSkipped(skippedIn('tokens-mixed'))
    const [small, mixed] = ['small', 'mixed'].map((name) =>
      readFileSync(at(`tokens-${name}`, 'discriminative.codecs'), 'utf8'),
    )
    expect(mixed).toBe(small)
  })

  it('are read up to eighty million pixels', async () => {
    folder.write('large/0.png', blackPng(9000, { whole: true }))
    const { finished } = await runTokenize(tokenizeSpec('large', 'tokens-large'), callbacks)
    expect(finished).toBe(1)
  })

  it('are skipped when a codebook is fitted', async () => {
    await both((images, out) => runKMeans(kmeansSpec(images, `kmeans-${out}`), callbacks))
    expectSkipped(skippedIn('kmeans-mixed'))
    expect(readFileSync(at('kmeans-mixed/km_8.npy'))).toEqual(readFileSync(at('kmeans-small/km_8.npy')))
  })
})

describe('a codebook that differs from the encoder in dimensions', () => {
  const narrow = () => at('narrow/km_64.npy')
  const MISFIT =
    /dinov2_\w+\.pth does not fit: this encoder has 64 feature dimensions, the codebook .*km_64\.npy has 48$/

  beforeAll(() => {
    const data = Float32Array.from({ length: 64 * 48 }, (_, i) => Math.sin(i))
    folder.write('narrow/km_64.npy', encodeNpy({ data, shape: [64, 48] }))
  })

  it('is refused for tokens, with the files and both dimensions', async () => {
    const data = Float32Array.from({ length: 256 * 48 }, (_, i) => Math.sin(i))
    folder.write('features.npy', encodeNpy({ data, shape: [256, 48] }))
    await runKMeans({ ...kmeansSpec('features.npy', 'kmeans-narrow'), k: 64 }, callbacks)
    const choose = { codebook: at('kmeans-narrow/km_64.npy') }
    await expect(
      runTokenize({ ...tokenizeSpec('small', 'tokens-narrow'), choose }, callbacks),
    ).rejects.toThrow(MISFIT)
  })

  it('is refused for an atlas of the tokens of another codebook', async () => {
    await runTokenize(tokenizeSpec('small', 'tokens-small'), callbacks)
    const spec = {
      kind: 'atlas',
      ...models,
      out: at('atlas-narrow'),
      dataset: at('tokens-small'),
      tokens: 'discriminative',
      umap: false,
      seed: 0,
      choose: { codebook: narrow() },
    } as const
    await expect(runAtlas(spec, callbacks)).rejects.toThrow(
      /km_64\.npy: not the codebook of the tokens in .*tokens-small/,
    )
  })
})
