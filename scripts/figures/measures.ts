// Measurements of the demo as panels of the gallery: the tokenizer's table with its floor, and the likelihood by place.
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { readStamps } from '../../src/engine/records/stamps.ts'
import { runEvaluate } from '../../src/engine/runs/evaluation/evaluate.ts'
import { LikelihoodRecordSchema, runLikelihood } from '../../src/engine/runs/likelihood/likelihood.ts'
import type { Stamp } from '../../src/shared/evaluation/evaluation.ts'
import { STAGE_WORDS } from '../../src/shared/evaluation/likelihood.ts'
import { parseJson } from '../../src/shared/plain-json.ts'
import { DEMO_CLASSES, demoPicture } from '../../test/demo.ts'
import type { Runs } from './runs.ts'

const EACH = 8
const callbacks = { signal: new AbortController().signal, progress: () => {} }
const models = { model: demoFolder(), device: 'cpu' } as const

/** Some pictures of each class of the demo, as a folder that they are measured against. */
export function picturesOf(folder: string): string {
  const out = join(folder, 'originals')
  DEMO_CLASSES.forEach((name, label) => {
    mkdirSync(join(out, name), { recursive: true })
    for (let i = 0; i < EACH; i++)
      cpSync(demoPicture(label, i), join(out, name, `${String(i).padStart(2, '0')}.png`))
  })
  return out
}

/** rFID's place is taken by the distance of the demo's encoder, which needs no further file. */
export async function tokenizerTable(runs: Runs, pictures: string): Promise<object> {
  await runs.reconstruct('vqgan-alone', [pictures], true)
  await runs.reconstruct('through-stage2', [pictures])
  const measured = async (name: string): Promise<Stamp> => {
    const out = join(runs.folder, name)
    const how = { protocol: 'dinov2', confidence: false, perClass: false, floor: true } as const
    await runEvaluate(
      { kind: 'evaluate', ...models, ...how, out, images: out, reference: pictures },
      callbacks,
    )
    return (await readStamps(join(out, 'metrics.jsonl'))).at(-1)!
  }
  const [alone, through] = [await measured('vqgan-alone'), await measured('through-stage2')]
  const n = alone.samples.n!
  const floor = alone.floor!
  const row = (name: string, { results }: Stamp) => [
    name,
    String(n),
    results.frechet_dinov2_distance!.toFixed(1),
    results.psnr!.toFixed(2),
    results.ssim!.toFixed(3),
    `${(100 * results.codebook_usage!).toFixed(0)} %`,
  ]
  const real = floor.results.frechet_dinov2_distance!
  return {
    kind: 'table',
    columns: ['Reconstruction', 'n', 'FD (encoder) ↓', 'PSNR ↑', 'SSIM ↑', 'Codes used'].map((label) => ({
      label,
    })),
    rows: [
      row('VQGAN alone', alone),
      row('tokens → stage 2 → pixels', through),
      [
        `real images against ${floor.m} others`,
        String(floor.n),
        `${real.mean.toFixed(1)} ± ${real.std.toFixed(1)}`,
        '–',
        '–',
        '–',
      ],
    ],
    rules: [2],
  }
}

export async function likelihoodChart(folder: string, pictures: string): Promise<object> {
  const out = join(folder, 'likelihood')
  await runLikelihood({ kind: 'likelihood', ...models, out, images: pictures }, callbacks)
  const { stages, images } = LikelihoodRecordSchema.parse(
    parseJson(readFileSync(join(out, 'likelihood.json'), 'utf8')),
  )
  const series = (['stage1', 'stage2'] as const).map((name, i) => {
    const { bits, error, places } = stages![name]!
    return {
      label: `${STAGE_WORDS[name]}: ${bits.toFixed(2)} ± ${error.toFixed(2)}`,
      points: places.map((value, cell) => [cell + 1, value]),
      marks: false,
      line: i === 0 ? 'solid' : 'dashed',
    }
  })
  return {
    kind: 'chart',
    title: `Likelihood of ${images} pictures of the demo`,
    x: { label: 'token, in raster order', from: 0, to: 256 },
    y: { label: 'bits per token', from: 0 },
    series,
    legend: 'above',
  }
}
