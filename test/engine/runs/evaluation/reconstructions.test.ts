// The tokenizer's table on pictures of the demo: VQGAN alone, and tokens -> stage 2 -> pixels.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeImage } from '../../../../src/engine/images/index.ts'
import { psnr, ssim } from '../../../../src/engine/metrics/index.ts'
import { textToRecord } from '../../../../src/engine/records/image-record.ts'
import { readStamps } from '../../../../src/engine/records/stamps.ts'
import { runEvaluate } from '../../../../src/engine/runs/evaluation/evaluate.ts'
import { runReconstruct } from '../../../../src/engine/runs/reconstruct.ts'
import type { Stamp } from '../../../../src/shared/evaluation/evaluation.ts'
import { QUICK } from '../../../quick-request.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { DEMO } from '../../models/run-graph.ts'

const COUNT = 4
const folder = temporaryFolder()
const real = join(folder.path, 'real')
const files = readdirSync(join(DEMO, 'images'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.png'))
  .sort()
  .slice(0, COUNT)
const callbacks = { signal: new AbortController().signal, progress: () => {} }
const models = { model: DEMO, device: 'cpu' as const }

beforeAll(() => {
  mkdirSync(real)
  for (const [i, file] of files.entries()) cpSync(join(DEMO, 'images', file), join(real, `${i}.png`))
})

async function measured(name: string, how: { vqganOnly?: true }, reference = real): Promise<Stamp> {
  const { stage2, stage2Sampling, masked, seed, batchSize, weightBits } = QUICK
  const out = join(folder.path, name)
  const settings = { stage2, stage2Sampling, masked, seed, batchSize, weightBits }
  await runReconstruct(
    { kind: 'reconstruct', ...models, ...settings, ...how, out, images: [real] },
    callbacks,
  )
  const how2 = { protocol: 'dinov2', confidence: false, perClass: false } as const
  await runEvaluate({ kind: 'evaluate', ...models, ...how2, out, images: out, reference }, callbacks)
  return (await readStamps(join(out, 'metrics.jsonl'))).at(-1)!
}

describe('a folder of pictures', () => {
  let [alone, through]: Stamp[] = []
  beforeAll(async () => {
    alone = await measured('alone', { vqganOnly: true })
    through = await measured('through', {})
  })

  test('through the VQGAN alone has the means of its pairs, and the use of its codes', async () => {
    const pairs = await Promise.all(
      files.map(async (_, i) => {
        const path = join(folder.path, 'alone', 'images', `00000${i}.png`)
        const png = readFileSync(path)
        const { codes, recipe, discriminative } = textToRecord(png, path)
        expect(discriminative).toBeUndefined()
        expect(recipe.stage2).toBeUndefined()
        const [one, other] = [await decodeImage(png, path), await decodeImage(join(real, `${i}.png`), '')]
        return { psnr: psnr(one, other), ssim: ssim(one, other), codes: codes.tokens }
      }),
    )
    const mean = (of: 'psnr' | 'ssim') => pairs.reduce((sum, pair) => sum + pair[of] / COUNT, 0)
    const { results, settings, badges } = alone!
    expect(results.psnr).toBeCloseTo(mean('psnr'), 10)
    expect(results.ssim).toBeCloseTo(mean('ssim'), 10)
    expect(results.codes_used).toBe(new Set(pairs.flatMap(({ codes }) => [...codes])).size)
    expect(results.codebook_usage).toBe(results.codes_used! / Number(settings.vqgan_codebook))
    expect(settings).toMatchObject({
      reconstructed: COUNT,
      psnr_range: 255,
      ssim_window: 'gaussian 11 x 11, sigma 1.5',
      code_cells: COUNT * 256,
    })
    expect(badges).toContain(
      'reconstructions of images of the reference: the Fréchet distance is an rFID, which is below that of samples',
    )
  })

  test('loses more through its tokens and stage 2 than through the VQGAN alone', () => {
    expect(through!.results.psnr).toBeLessThan(alone!.results.psnr!)
    expect(through!.results.ssim).toBeLessThan(alone!.results.ssim!)
    expect(through!.results.frechet_dinov2_distance).toBeGreaterThan(0)
  })

  test('whose originals are elsewhere has no PSNR, and a note', async () => {
    const { results, badges } = await measured('alone', { vqganOnly: true }, join(folder.path, 'through'))
    expect(results.psnr).toBeUndefined()
    expect(results.codes_used).toBe(alone!.results.codes_used)
    expect(badges).toContain(
      `PSNR and SSIM: the originals of ${COUNT} of ${COUNT} reconstructions are not in the reference`,
    )
  })
})
