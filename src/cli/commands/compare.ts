// `digit compare`: which of two or more settings is better, on the same seeds, with as many images as that takes.
import { createHash } from 'node:crypto'
import { basename, join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { measuredForPage } from '../../engine/api/sweep/sweep-view.ts'
import { lastStamp } from '../../engine/runs/sweep/sweep-record.ts'
import { settingsOf } from '../../engine/runs/verdict/verdict.ts'
import { readVerdictRecord } from '../../engine/runs/verdict/verdict-record.ts'
import type { ProtocolName } from '../../shared/evaluation/evaluation.ts'
import { earlierNames } from '../../shared/run/earlier-names.ts'
import type { SampleSpec, VerdictSpec } from '../../shared/run/run.ts'
import { outcomeOf } from '../../shared/verdict/outcome.ts'
import {
  otherDistance,
  paperSentence,
  verdictLatex,
  verdictSentence,
  type Told,
} from '../../shared/verdict/sentence.ts'
import { settingWords } from '../../shared/verdict/settings.ts'
import { DECIDING_METRICS, type DecidingMetric } from '../../shared/verdict/spec.ts'
import { LEAST_IMAGES } from '../../shared/verdict/looks.ts'
import { follow } from '../follow.ts'
import { UsageError } from '../outcome.ts'
import { number, option, runName, whole } from '../options.ts'
import { protocolOf } from './evaluate.ts'
import { addSampleOptions, sampleSpec, type SampleFlags } from './sample.ts'
import { addMeasureOptions, collect, measureFields, typedAxis, type MeasureFlags } from './sweep.ts'
import { tell } from '../result.ts'

interface CompareFlags extends SampleFlags, MeasureFlags {
  readonly axis: readonly string[]
  readonly reference: string
  readonly protocol?: ProtocolName
  readonly by: DecidingMetric
  readonly minutes?: number
}

export function compareCommand(): Command {
  const command = new Command('compare')
    .description(
      'Compare settings on the same seeds and say which is better. Samples until that is clear or the budget is spent; run the same command again to resume, with a larger --count to continue.',
    )
    .requiredOption('--axis <name=values>', 'what differs, as in `digit sweep`; can be repeated', collect)
    .requiredOption('--reference <path>', 'images or statistics to measure against')
    .addOption(
      new Option(
        '--by <distance>',
        'distance that decides: fd, or kid, which is unbiased but needs the images of the reference',
      )
        .choices(DECIDING_METRICS)
        .default('fd'),
    )
    .addOption(option('--minutes <n>', 'begin no further look after this time', number(0.01, 1_000_000)))
  const count = option(
    '--count <n>',
    'most images of each setting; looks are at 64, 128, 256, ...',
    whole(LEAST_IMAGES, 10_000_000),
    1024,
  )
  return addSampleOptions(addMeasureOptions(command), count).addHelpText('after', EXAMPLES).action(compare)
}

const EXAMPLES = `
Examples:
  digit compare --axis "temperature=0.9, 1.1" --reference resources/demo/images
  digit compare --axis "topk=100, 200, 400" --count 4096 --reference imagenet256-val.npz --model ~/DiGIT
  digit compare --axis "steps=4, 8" --stage2 nar --by kid --minutes 60 --reference resources/demo/images --json`

async function compare(flags: CompareFlags): Promise<void> {
  const base = await sampleSpec({ ...flags, numShards: 1, shardId: 0 })
  const axes = flags.axis.map(typedAxis).map(({ name, values }) => ({ name, values: [...values] }))
  try {
    settingsOf({ base, axes })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  const measure = {
    reference: resolve(flags.reference),
    protocol: await protocolOf(flags, base),
    ...measureFields(flags),
  }
  const { by, minutes } = flags
  const out = resolve(flags.out ?? defaultOut(flags, base, { axes, measure, by }))
  const spec: VerdictSpec = {
    kind: 'verdict',
    out,
    base: { ...base, out },
    axes,
    measure,
    by,
    ...(minutes === undefined ? {} : { minutes }),
  }
  await follow(spec)
  const told = await readTold(out)
  const outcome = outcomeOf(told.looks, by)
  const words = { answer: told.answer, paper: paperSentence(told), latex: verdictLatex(told) }
  const lines = [otherDistance(told), `For a paper: ${words.paper}`, out].filter(Boolean)
  tell(lines.join('\n'), { ...words, out, outcome, ...told })
}

async function readTold(out: string): Promise<Told & { readonly answer: string }> {
  const { spec, cells, looks } = (await readVerdictRecord(out))!
  const settings = await Promise.all(
    cells.map(async (cell) => {
      const stamp = await lastStamp(join(out, 'cells', cell.name))
      return { ...settingWords(cell), ...(stamp ? { measured: measuredForPage(stamp) } : {}) }
    }),
  )
  const { by, measure } = spec
  const told = { settings, looks, by, protocol: measure.protocol, reference: basename(measure.reference) }
  return { answer: verdictSentence(told), ...told }
}

/** What changes the question changes the folder name; a larger budget continues. */
function defaultOut(flags: CompareFlags, base: SampleSpec, question: object): string {
  const { out: _out, count: _count, batchSize: _batchSize, device: _device, ...settings } = base
  const digest = createHash('sha256')
    .update(JSON.stringify([earlierNames(settings), question]))
    .digest('hex')
    .slice(0, 6)
  return `runs/compare-${runName(flags)}-seed${base.seed}-${digest}`
}
