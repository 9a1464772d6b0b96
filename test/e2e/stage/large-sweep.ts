// A sweep of 400 points as files, without the hours of computing them: every point has a sample and numbers.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import type { Stamp } from '../../../src/shared/evaluation/evaluation.ts'
import type { SampleSpec } from '../../../src/shared/run/run.ts'
import { parseAxis } from '../../../src/shared/sweep/axes.ts'
import { planSweep } from '../../../src/shared/sweep/plan.ts'

export const LARGE = 'large'

export function writeLargeSweep(workspace: string): number {
  const out = join(workspace, 'sweeps', LARGE)
  const base: SampleSpec = {
    kind: 'sample',
    model: demoFolder(),
    out,
    device: 'cpu',
    batchSize: 16,
    weightBits: 32,
    stage2: 'nar',
    stage1Sampling: { temperature: 1, topK: 200, topP: 0 },
    stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
    masked: { steps: 8, choiceTemperature: 4.5 },
    seed: 0,
    count: 1,
    classes: [],
    shards: 1,
    shard: 0,
  }
  const axes = [parseAxis('temperature=0.5-1.75 [50]'), parseAxis('topk=50-400 [8]')]
  const cells = planSweep(base, axes)
  const pictures = join(demoFolder(), 'images')
  const [group] = readdirSync(pictures).sort()
  const [picture] = readdirSync(join(pictures, group!)).sort()
  for (const [i, { name, values }] of cells.entries()) {
    const folder = join(out, 'cells', name)
    mkdirSync(join(folder, 'images'), { recursive: true })
    cpSync(join(pictures, group!, picture!), join(folder, 'images', '000000.png'))
    const value = 10 + 20 * (Number(values.temperature) - 1) ** 2 + Number(values.topk) / 200
    writeFileSync(join(folder, 'metrics.jsonl'), `${JSON.stringify(stamp(i, value))}\n`)
  }
  const record = {
    schema: 1,
    app: 'test',
    recipe: {},
    spec: {
      kind: 'sweep',
      out,
      base,
      axes,
      measure: { reference: pictures, protocol: 'dinov2' },
    },
    cells: cells.map(({ name, values }) => ({ name, values })),
    checkpoints: {},
    started: '2026-01-01T00:00:00.000Z',
  }
  writeFileSync(join(out, 'sweep.json'), JSON.stringify(record))
  return cells.length
}

const stamp = (i: number, value: number): Stamp => ({
  schema: 1,
  key: String(i),
  results: { frechet_dinov2_distance: value, precision: 1 / value, recall: value / 100 },
  metric: 'dinov2',
  samples: { path: 'samples', n: 1, sha256: '', kind: 'images', crop: 'as they are' },
  reference: { path: 'images', n: 576, sha256: 'a'.repeat(64), kind: 'images', crop: 'as they are' },
  extractor: {
    name: 'dinov2',
    file: 'encoder',
    network: '6-block ViT',
    sha256: 'b'.repeat(64),
    input: '',
    provider: 'cpu',
  },
  settings: {},
  confidence: { error: value / 20, limit: 0, curve: [] },
  floor: {
    n: 24,
    m: 552,
    repeats: 10,
    seed: 0,
    results: { frechet_dinov2_distance: { mean: 12, std: 0.5 } },
  },
  badges: ['n = 1'],
  versions: {},
  total_time: 1,
  timestamp: 1,
})
