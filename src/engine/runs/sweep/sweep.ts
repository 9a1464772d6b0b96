// A sweep -> one sampling run a cell, each measured where asked: a stopped sweep goes on, a wider one keeps its cells.
//   sweep.json           what is swept, and every cell so far
//   cells/NAME/          a run folder: images at fixed seeds, and metrics.jsonl
//   sweep.csv            one row a cell: its values, its numbers, its folder
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { APP } from '../../../shared/app.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { EvaluateSpec } from '../../../shared/evaluation.ts'
import type { SampleSpec, SweepSpec } from '../../../shared/run.ts'
import { checkedAxes } from '../../../shared/sweep/axes.ts'
import { planSweep, type Cell } from '../../../shared/sweep/plan.ts'
import { writeFileAtomic } from '../../bytes/index.ts'
import { runEvaluate } from '../evaluation/evaluate.ts'
import { METRICS_FILE, readStamps } from '../evaluation/stamps.ts'
import type { RunHooks, RunResult } from '../hooks.ts'
import type { WorkRecord } from '../recipe.ts'
import { runSample } from '../sample.ts'
import { openWorkFolder } from '../work-folder.ts'

/** `sweep.json`. */
interface SweepRecord extends WorkRecord {
  readonly app: string
  readonly cells: readonly Pick<Cell, 'name' | 'values'>[]
  readonly started: string
  readonly ended?: string
}

/** Throws RequestError for axes that make no sweep, before anything is made. */
export async function runSweep(spec: SweepSpec, hooks: RunHooks): Promise<RunResult> {
  const cells = plannedCells(spec)
  const folder = await openWorkFolder<SweepRecord>(spec.out, 'sweep.json', recipeOf(spec))
  try {
    const known = new Map(folder.earlier?.cells.map((cell) => [cell.name, cell]))
    for (const { name, values } of cells) known.set(name, { name, values })
    const record: SweepRecord = {
      schema: 1,
      app: `${APP.name} ${APP.version}`,
      recipe: recipeOf(spec),
      cells: [...known.values()],
      started: folder.earlier?.started ?? new Date().toISOString(),
    }
    await folder.saveRecord(record)
    await mkdir(join(spec.out, 'cells'), { recursive: true })
    const images = cells.reduce((sum, cell) => sum + cell.spec.count, 0)
    let before = 0
    for (const [i, cell] of cells.entries()) {
      hooks.signal.throwIfAborted()
      const words = `cell ${i + 1} of ${cells.length}, ${cell.name}`
      await makeCell(spec, cell, {
        ...hooks,
        progress: (step, of, note) =>
          hooks.progress(before + (cell.spec.count * step) / Math.max(1, of), images, `${words}: ${note}`),
      })
      before += cell.spec.count
      await writeTable(spec.out, record.cells)
    }
    await folder.saveRecord({ ...record, ended: new Date().toISOString() })
    return {
      finished: images,
      summary: `${cells.length} cells, ${images} images, ${join(spec.out, 'sweep.csv')}`,
    }
  } finally {
    await folder.close()
  }
}

function plannedCells({ base, axes }: SweepSpec): Cell[] {
  try {
    return planSweep(base, checkedAxes(axes))
  } catch (error) {
    throw new RequestError((error as Error).message, { cause: error })
  }
}

/** Axes and the count may grow; everything else makes another sweep. */
function recipeOf({ base, measure }: SweepSpec): unknown {
  const {
    out: _out,
    batchSize: _batch,
    count: _count,
    device: _device,
    shards: _shards,
    shard: _shard,
    ...rest
  } = base
  return { base: rest, measure: measure ?? null }
}

const cellFolder = (out: string, name: string) => join(out, 'cells', name)

/** The samples, then their numbers; what is there already is neither made nor measured again. */
async function makeCell(spec: SweepSpec, cell: Cell, hooks: RunHooks): Promise<void> {
  const out = cellFolder(spec.out, cell.name)
  const sample: SampleSpec = { ...cell.spec, out }
  await runSample(sample, hooks)
  const { measure } = spec
  if (!measure) return
  const evaluation: EvaluateSpec = {
    kind: 'evaluate',
    model: sample.model,
    ...(sample.choose ? { choose: sample.choose } : {}),
    device: sample.device,
    out,
    images: out,
    confidence: false,
    perClass: false,
    ...measure,
  }
  // The share of the work that measuring takes is not known beforehand: the cell stands at its end meanwhile.
  await runEvaluate(evaluation, {
    ...hooks,
    progress: (_step, _of, note) => hooks.progress(1, 1, note),
  })
}

/** Rows in the order the cells were first asked for; the last measurement of each. */
async function writeTable(out: string, cells: SweepRecord['cells']): Promise<void> {
  const stamps = await Promise.all(
    cells.map(async ({ name }) => (await readStamps(join(cellFolder(out, name), METRICS_FILE))).at(-1)),
  )
  const axes = [...new Set(cells.flatMap(({ values }) => Object.keys(values)))]
  const metrics = [...new Set(stamps.flatMap((stamp) => Object.keys(stamp?.results ?? {})))]
  const rows = cells.map(({ name, values }, i) => [
    ...axes.map((axis) => values[axis] ?? ''),
    stamps[i]?.samples.n ?? '',
    stamps[i]?.metric ?? '',
    ...metrics.map((metric) => stamps[i]?.results[metric] ?? ''),
    `cells/${name}`,
  ])
  const heads = [...axes, 'n', 'protocol', ...metrics, 'folder']
  await writeFileAtomic(join(out, 'sweep.csv'), [heads, ...rows].map(csvLine).join(''))
}

const csvLine = (cells: readonly (string | number)[]) =>
  cells
    .map((cell) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell))
    .join(',') + '\n'
