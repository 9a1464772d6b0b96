// A sweep -> one sampling run per cell, measured on request. A stopped sweep resumes, an extended one keeps its cells.
//   sweep.json           the request, and every cell so far
//   cells/NAME/          a run folder: images at fixed seeds, and metrics.jsonl
//   sweep.csv            one row per cell: its values, results and folder
import { oneDevice } from '../../../shared/models/devices.ts'
import { join } from 'node:path'
import { APP } from '../../../shared/app.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { EvaluateSpec, Stamp } from '../../../shared/evaluation/evaluation.ts'
import type { SampleSpec, SweepSpec } from '../../../shared/run/run.ts'
import { checkedAxes } from '../../../shared/sweep/axes.ts'
import { csvText } from '../../../shared/text/csv.ts'
import { cellWords, namedAsIn, planSweep, type Cell } from '../../../shared/sweep/plan.ts'
import { makeFolder, writeFileAtomic } from '../../bytes/index.ts'
import { cellFolder, SWEEP_RECORD } from '../../records/workspace.ts'
import { runEvaluate } from '../evaluation/evaluate.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { foundPath, lookAt } from '../../model-set/find-models.ts'
import { isChoice, splitChoice } from '../../model-set/versions.ts'
import { runSample } from '../sample.ts'
import { openWorkFolder } from '../../records/work-folder.ts'
import {
  lastStamp,
  readSweepRecord,
  SweepRecordSchema,
  type SweepRecord,
  type SweptModel,
} from './sweep-record.ts'

/**
 * Writes the request, so that the sweep can be resumed even before it has results. Throws RequestError for invalid
 * axes, and for the folder of another sweep.
 */
export async function recordSweep(spec: SweepSpec): Promise<void> {
  const { close } = await openSweep(spec)
  await close()
}

/**
 * Makes every missing cell. Throws like `recordSweep` before anything is made.
 * @param make how a cell is made. @default it is sampled, then measured
 */
export async function runSweep(
  spec: SweepSpec,
  callbacks: RunCallbacks,
  make: typeof makeCell = makeCell,
): Promise<RunResult> {
  const { cells, record, saveRecord, close } = await openSweep(spec)
  try {
    await makeFolder(join(spec.out, 'cells'))
    const images = cells.reduce((sum, cell) => sum + cell.spec.count, 0)
    let before = 0
    const stamps = new Map<string, Stamp | undefined>()
    for (const [i, cell] of cells.entries()) {
      callbacks.signal.throwIfAborted()
      const words = `cell ${i + 1} of ${cells.length}, ${cellWords(cell)}`
      await make(spec, cell, {
        ...callbacks,
        progress: (step, of, note) =>
          callbacks.progress(
            before + (cell.spec.count * step) / Math.max(1, of),
            images,
            `${words}: ${note}`,
          ),
      })
      before += cell.spec.count
      stamps.set(cell.name, await lastStamp(cellFolder(spec.out, cell.name)))
      await writeTable(spec.out, record.cells, stamps)
      callbacks.partFinished?.(cell.name)
    }
    await saveRecord({ ...record, ended: new Date().toISOString() })
    return {
      finished: images,
      summary: `${cells.length} cells, ${images} images, ${join(spec.out, 'sweep.csv')}`,
    }
  } finally {
    await close()
  }
}

/** The cells of a recorded sweep with the names of their folders. */
export async function cellsOf(spec: SweepSpec): Promise<Cell[]> {
  const record = await readSweepRecord(spec.out)
  return namedAsIn(record?.cells ?? [], plannedCells(spec))
}

/** How a cell is sampled, in its own folder. */
export const cellSample = ({ out }: SweepSpec, cell: Cell): SampleSpec => ({
  ...cell.spec,
  out: cellFolder(out, cell.name),
})

/** How a cell is measured; undefined if the sweep measures nothing. */
export function cellEvaluation(spec: SweepSpec, cell: Cell): EvaluateSpec | undefined {
  const { measure } = spec
  return measure && measuring(cellSample(spec, cell), measure, measure.confidence === true)
}

/** The measurement of images in the folder where they were sampled. */
export const measuring = (
  { model, choose, device, out }: Pick<SampleSpec, 'model' | 'choose' | 'device' | 'out'>,
  measure: NonNullable<SweepSpec['measure']>,
  confidence: boolean,
): EvaluateSpec => ({
  kind: 'evaluate',
  model,
  ...(choose ? { choose } : {}),
  device: oneDevice(device),
  out,
  images: out,
  perClass: false,
  ...measure,
  confidence,
})

async function openSweep(spec: SweepSpec) {
  if (spec.axes.some(({ name }) => name === 'generator'))
    throw new RequestError(
      'axis generator: only in a verdict (sweeps of several generators can share a chart)',
    )
  const planned = plannedCells(spec)
  const folder = await openWorkFolder(spec.out, SWEEP_RECORD, SweepRecordSchema, sweepRecipe(spec))
  const { earlier, saveRecord, close } = folder
  try {
    const cells = namedAsIn(earlier?.cells ?? [], planned)
    const known = new Map(earlier?.cells.map((cell) => [cell.name, cell]))
    for (const { name, values } of cells) known.set(name, { name, values })
    const record: SweepRecord = {
      schema: 1,
      app: `${APP.name} ${APP.version}`,
      recipe: sweepRecipe(spec),
      spec,
      cells: [...known.values()],
      checkpoints: { ...earlier?.checkpoints, ...(await sweptModels(spec)) },
      started: earlier?.started ?? new Date().toISOString(),
    }
    await saveRecord(record)
    return { cells, record, saveRecord, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Throws RequestError for axes that make no sweep. */
export function plannedCells({ base, axes }: Pick<SweepSpec, 'base' | 'axes'>): Cell[] {
  try {
    return planSweep(base, checkedAxes(axes))
  } catch (error) {
    throw new RequestError((error as Error).message, { cause: error })
  }
}

/** Axes and the count may grow; everything else makes another sweep. */
export function sweepRecipe({ base, measure }: Pick<SweepSpec, 'base' | 'measure'>) {
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

/** Facts about each checkpoint on an axis, by path. */
async function sweptModels({ axes }: SweepSpec): Promise<Record<string, SweptModel>> {
  const paths = axes
    .filter(({ name }) => name === 'checkpoint' || name === 'stage2-checkpoint')
    .flatMap(({ values }) => values.map(String))
  if (paths.length === 0) return {}
  const named = await Promise.all(paths.map(splitChoice))
  const scan = await lookAt(named.map(({ file }) => file))
  const model = async (path: string): Promise<SweptModel> => {
    const { file, prefix } = await splitChoice(path)
    const listed = (await foundPath(file, scan)) + prefix
    const { sha256 = '', facts = {} } =
      scan.files.find((file) => isChoice(listed, file) && !file.facts.carried) ?? {}
    const number = (name: string) => (typeof facts[name] === 'number' ? { [name]: facts[name] } : {})
    return { sha256, ...number('epoch'), ...number('updates') }
  }
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await model(path)] as const)))
}

/** Samples a cell, then measures it. Existing images and measurements are kept. */
async function makeCell(spec: SweepSpec, cell: Cell, callbacks: RunCallbacks): Promise<void> {
  await runSample(cellSample(spec, cell), {
    ...callbacks,
    preview: (preview) => callbacks.preview?.(preview, cell.name),
    finished: (image) => callbacks.finished?.(image, cell.name),
  })
  const evaluation = cellEvaluation(spec, cell)
  if (!evaluation) return
  // The share of measuring is not known in advance, so the cell is shown as complete meanwhile.
  await runEvaluate(evaluation, {
    ...callbacks,
    progress: (_step, _of, note) => callbacks.progress(1, 1, note),
  })
}

/** Standard error of the Frechet distance, the main one of the protocol. */
const ERROR_COLUMN = 'frechet_distance_error'

/** Rows in the order in which cells were first requested, each with its last measurement, read once. */
async function writeTable(
  out: string,
  cells: SweepRecord['cells'],
  known: Map<string, Stamp | undefined>,
): Promise<void> {
  for (const { name } of cells) if (!known.has(name)) known.set(name, await lastStamp(cellFolder(out, name)))
  const stamps = cells.map(({ name }) => known.get(name))
  const axes = [...new Set(cells.flatMap(({ values }) => Object.keys(values)))]
  const metrics = [...new Set(stamps.flatMap((stamp) => Object.keys(stamp?.results ?? {})))]
  const hasErrors = stamps.some((stamp) => stamp?.confidence)
  const floors = metrics.filter((metric) => stamps.some((stamp) => stamp?.floor?.results[metric]))
  const rows = cells.map(({ name, values }, i) => [
    ...axes.map((axis) => values[axis] ?? ''),
    stamps[i]?.samples.n ?? '',
    stamps[i]?.metric ?? '',
    ...metrics.map((metric) => stamps[i]?.results[metric] ?? ''),
    ...(hasErrors ? [stamps[i]?.confidence?.error ?? ''] : []),
    ...floors.map((metric) => stamps[i]?.floor?.results[metric]?.mean ?? ''),
    `cells/${name}`,
  ])
  const heads = [
    ...axes,
    'n',
    'protocol',
    ...metrics,
    ...(hasErrors ? [ERROR_COLUMN] : []),
    ...floors.map((metric) => `${metric}_floor`),
    'folder',
  ]
  await writeFileAtomic(join(out, 'sweep.csv'), csvText([heads, ...rows]))
}
