// `digit sweep`: one sampling run per combination of settings, each measured if a reference is given.
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { sweepEstimate } from '../../engine/api/sweep/sweep-estimate.ts'
import { earlierNames } from '../../shared/run/earlier-names.ts'
import type { SampleSpec, SweepSpec } from '../../shared/run/run.ts'
import { protocolOf, protocolOption } from './evaluate.ts'
import type { ProtocolName } from '../../shared/evaluation/evaluation.ts'
import { AXES, isPathAxis, parseAxis, withDrawerFile, type Axis } from '../../shared/sweep/axes.ts'
import { planSweep, sweepCost, type Cell } from '../../shared/sweep/plan.ts'
import { follow, type Start } from '../follow.ts'
import { option, runName, whole } from '../options.ts'
import { UsageError } from '../outcome.ts'
import { durationText, progressLine } from '../progress.ts'
import { addSampleOptions, sampleSpec, type SampleFlags } from './sample.ts'
import { tell } from '../result.ts'
import { sweptCells } from '../swept.ts'
import { table } from '../table.ts'

/** How the images of a setting are measured. */
export interface MeasureFlags {
  readonly protocol?: ProtocolName
  readonly size?: number
  readonly inception?: string
}

interface SweepFlags extends SampleFlags, MeasureFlags {
  readonly axis: readonly string[]
  readonly reference?: string
  readonly confidence?: boolean
  readonly floor?: boolean
  readonly dryRun?: boolean
}

export function sweepCommand(start: Start = follow): Command {
  const command = new Command('sweep')
    .description(
      'Sample and measure every combination of settings. Run the same command again to resume or extend.',
    )
    .requiredOption('--axis <name=values>', 'setting to vary; can be repeated', collect)
    .option('--reference <path>', 'images or statistics to measure every cell against')
    .option(
      '--confidence',
      'also compute the jackknife error of every distance (about 20 more distances per cell)',
    )
    .option('--floor', 'also measure real images against other real images, once for every number of images')
    .option('--dry-run', 'only print the plan')
  return addSampleOptions(addMeasureOptions(command))
    .addHelpText('after', help())
    .action((flags: SweepFlags) => sweep(flags, start))
}

export function addMeasureOptions(command: Command): Command {
  return command
    .addOption(protocolOption())
    .addOption(
      option('--size <n>', 'resize and center-crop images to n x n pixels before measuring', whole(1, 4096)),
    )
    .option(
      '--inception <file>',
      'path to weights-inception-2015-12-05-6726825d.pth (default: searched for among the models)',
    )
}

export const measureFields = ({ size, inception }: MeasureFlags) => ({
  ...(size === undefined ? {} : { size }),
  ...(inception === undefined ? {} : { inception: resolve(inception) }),
})

const help = () => `
Axes:
${table(
  ['  name', 'setting'],
  Object.entries(AXES).map(([name, { words }]) => [`  ${name}`, words]),
)}
Values: lists 1, 2, 4; 1-5; 0.7-1.3 (+0.1); 50-400 [8]; 1, 2, ..., 10

Examples:
  digit sweep --axis "temperature=0.7-1.3 (+0.1)" --count 64 --reference resources/demo/images
  digit sweep --axis "topk=50-400 [8]" --axis "seed=0-2" --count 16 --dry-run
  digit sweep --model ~/DiGIT --axis "checkpoint=ckpt/checkpoint_10.pt, ckpt/checkpoint_20.pt" --count 5000 \\
              --reference imagenet256-val.npz`

async function sweep(flags: SweepFlags, start: Start): Promise<void> {
  const axes = flags.axis.map(typedAxis)
  const base = await sampleSpec({ ...flags, numShards: 1, shardId: 0 })
  const cells = plan(base, axes)
  console.error(planText(cells))
  const { reference, confidence, floor } = flags
  const measure =
    reference === undefined
      ? {}
      : {
          measure: {
            reference: resolve(reference),
            protocol: await protocolOf(flags, base),
            ...measureFields(flags),
            ...(confidence ? { confidence: true as const } : {}),
            ...(floor ? { floor: true as const } : {}),
          },
        }
  const out = resolve(flags.out ?? defaultOut(flags, base, measure))
  const spec: SweepSpec = {
    kind: 'sweep',
    out,
    base: { ...base, out },
    axes: axes.map(({ name, values }) => ({ name, values: [...values] })),
    ...measure,
  }
  // The estimate may need a trial run, and this machine is not the one that will do the work.
  if (start === follow) console.error(await timeText(spec))
  if (flags.dryRun) return
  await start(spec)
  const swept = start === follow && reference !== undefined ? await sweptCells(out) : undefined
  if (swept) tell(swept.text, { cells: swept.cells })
}

/** Estimated time, from finished runs or a short trial run. */
async function timeText(spec: SweepSpec): Promise<string> {
  const line = progressLine(process.stderr)
  const { signal } = new AbortController()
  const estimate = await sweepEstimate(spec, { signal, progress: line.update }).finally(line.stop)
  const { finished, seconds, basis } = estimate
  const done = finished > 0 ? `; ${finished} cells are already finished` : ''
  const time = seconds === undefined ? 'unknown time' : `about ${durationText(seconds)}`
  return `${time} (${basis})${done}`
}

/** Settings that change the cells change the folder name; more values or images extend the sweep. */
function defaultOut(flags: SweepFlags, base: SampleSpec, measure: object): string {
  const { out: _out, count: _count, batchSize: _batchSize, device: _device, ...settings } = base
  const digest = createHash('sha256')
    .update(JSON.stringify([earlierNames(settings), measure]))
    .digest('hex')
    .slice(0, 6)
  return `runs/sweep-${runName(flags)}-seed${base.seed}-${digest}`
}

export function typedAxis(text: string): Axis {
  try {
    const axis = parseAxis(text)
    const named = (value: string) =>
      isPathAxis(axis.name) ? resolve(value) : withDrawerFile(value, (file) => resolve(file))
    return {
      ...axis,
      values: axis.values.map((value) => (typeof value === 'string' ? named(value) : value)),
    }
  } catch (error) {
    throw new UsageError(`--axis ${text}: ${(error as Error).message}`)
  }
}

function plan(base: SampleSpec, axes: readonly Axis[]): Cell[] {
  try {
    return planSweep(base, axes)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** The plan, printed before the work starts. */
function planText(cells: readonly Cell[]): string {
  const { images, passes } = sweepCost(cells)
  const names = Object.keys(cells[0]!.values)
  const shown = cells.slice(0, MOST_SHOWN).map(({ values }) => names.map((name) => String(values[name])))
  const more = cells.length > MOST_SHOWN ? `\n... ${cells.length - MOST_SHOWN} more` : ''
  const cost = `${cells.length} cells, ${images.toLocaleString('en')} images, ${passes.toLocaleString('en')} transformer forward passes`
  return `${table(names, shown)}${more}\n${cost}`
}

const MOST_SHOWN = 20

export const collect = (value: string, sofar: readonly string[] = []) => [...sofar, value]
