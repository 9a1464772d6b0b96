// Prints the texts beside three figures of the demo for docs/figures/README.md: samples, a curve over two settings, and the
// table of one measurement with its row in LaTeX. 64 images a setting against the demo's pictures: minutes.
// Usage: node scripts/run.mjs scripts/figures/texts.ts [FOLDER [COUNT]]
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { makeFigure } from '../../src/engine/paper/figure.ts'
import { readStamps } from '../../src/engine/records/stamps.ts'
import { runEvaluate } from '../../src/engine/runs/evaluation/evaluate.ts'
import type { Stamp } from '../../src/shared/evaluation/evaluation.ts'
import { resultsMeasured } from '../../src/shared/evaluation/how-measured.ts'
import { stampLatex } from '../../src/shared/evaluation/stamp-latex.ts'
import { metricWords } from '../../src/shared/figures/metric-words.ts'
import { runsIn } from './runs.ts'

const COUNT = Number(process.argv[3] ?? 64)
const TEMPERATURES = [0.8, 1]
const callbacks = { signal: new AbortController().signal, progress: () => {} }
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'digit-texts-'))
const runs = runsIn(folder)
const pictures = join(demoFolder(), 'images')

async function measured(temperature: number): Promise<Stamp> {
  const name = `temperature-${temperature}`
  const out = join(folder, name)
  await runs.sample(name, {
    count: COUNT,
    batchSize: 64,
    stage2: 'nar',
    stage1Sampling: { temperature, topK: 200, topP: 0 },
    stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
  })
  const how = { protocol: 'dinov2', confidence: true, perClass: false, floor: true } as const
  await runEvaluate(
    { kind: 'evaluate', model: demoFolder(), device: 'cpu', ...how, out, images: out, reference: pictures },
    callbacks,
  )
  return (await readStamps(join(out, 'metrics.jsonl'))).at(-1)!
}

const stamps: Stamp[] = []
for (const temperature of TEMPERATURES) stamps.push(await measured(temperature))
const at = (temperature: number) => stamps[TEMPERATURES.indexOf(temperature)]!
const shown = ['frechet_dinov2_distance', 'kernel_dinov2_distance_mean', 'precision', 'recall']

const figures: Readonly<Record<string, object>> = {
  samples: {
    selection: 'the first 8 images of the run, uncurated',
    rows: [
      [
        {
          kind: 'grid',
          columns: 8,
          images: Array.from({ length: 8 }, (_, image) => ({ run: 'temperature-1', image })),
        },
      ],
    ],
  },
  curve: {
    rows: [
      [
        {
          kind: 'chart',
          title: 'FD over the temperature of stage 1',
          x: { label: 'temperature' },
          y: { label: metricWords(shown[0]!, at(1)) },
          series: [
            {
              label: 'demo',
              measured: {
                protocol: 'dinov2',
                y: shown[0],
                files: TEMPERATURES.map((x) => ({
                  file: `temperature-${x}/metrics.jsonl`,
                  x,
                })),
              },
            },
          ],
        },
      ],
    ],
  },
  table: {
    rows: [
      [
        {
          kind: 'table',
          title: 'Results on the demo',
          columns: ['Method', ...shown.map((name) => metricWords(name, at(1)))].map((label) => ({ label })),
          rows: [['demo', ...shown.map((name) => at(1).results[name]!.toPrecision(4))]],
          how: resultsMeasured(at(1)).filter(({ result }) => shown.includes(result)),
        },
      ],
    ],
  },
}
for (const [name, figure] of Object.entries(figures)) {
  const file = join(folder, `${name}.json`)
  writeFileSync(file, JSON.stringify({ schema: 1, page: { preset: 'neurips' }, ...figure }))
  await makeFigure({ path: file, out: folder, workspace: folder, formats: ['paper'], force: true })
  console.log(`\n## ${name}\n\n${readFileSync(join(folder, `${name}.txt`), 'utf8')}`)
}
console.log(stampLatex(at(1), 'demo'))
