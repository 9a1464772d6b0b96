// `digit sample`: generates images from a seed.
import { createHash } from 'node:crypto'
import { Command, InvalidArgumentError, Option } from 'commander'
import { earlierNames } from '../../shared/run/earlier-names.ts'
import { SampleSpecSchema, type SampleSpec } from '../../shared/run/run.ts'
import { parseClasses } from '../classes.ts'
import { follow, type Start } from '../follow.ts'
import { readPinned } from '../pinned.ts'
import {
  addRunOptions,
  addStage2Options,
  drawFields,
  modelsOf,
  number,
  option,
  runFields,
  runName,
  stage2Fields,
  takesCards,
  whole,
  type RunFlags,
  type Stage2Flags,
} from '../options.ts'
import type { ModelSet } from '../../shared/models/models.ts'
import {
  addGeneratorOptions,
  generatorOf,
  generatorSpec,
  WITHOUT_STAGES,
  type ChosenGenerator,
  type GeneratorFlags,
} from '../generators.ts'
import { UsageError } from '../outcome.ts'

export interface SampleFlags extends RunFlags, Stage2Flags, GeneratorFlags {
  readonly count: number
  readonly class?: readonly string[]
  readonly temperature?: number
  readonly topk?: number
  readonly topp?: number
  readonly pinned?: string
  readonly commonNoise?: 'stage1' | 'stage2'
  readonly noise?: readonly number[]
  readonly stage1Noise?: readonly number[]
  readonly numShards: number
  readonly shardId: number
  readonly pack?: boolean
}

/** Top-k of the release for stage 1, without and with classes. */
const TOP_K = 200
const TOP_K_CLASSES = 300

export function sampleCommand(start: Start = follow): Command {
  const command = new Command('sample').description(
    'Sample images. Run the same command again to resume an interrupted run.',
  )
  return takesCards(addSampleOptions(command))
    .addOption(
      option('--num-shards <n>', 'number of processes to split the images among', whole(1, 100_000), 1),
    )
    .addOption(
      option(
        '--shard-id <i>',
        'shard of this process: generates images i, i + n, i + 2n, ...',
        whole(0, 99_999),
        0,
      ),
    )
    .option('--pack', 'append images to tar archives instead of writing a file for each')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SampleFlags) => void (await start(await sampleSpec(flags))))
}

/** Options of every command that samples. */
export function addSampleOptions(command: Command, count = countOption()): Command {
  return addGeneratorOptions(addStage2Options(addRunOptions(command.addOption(count))))
    .option('--class <ids>', 'class ids, ranges or names; images cycle through them', collect)
    .addOption(option('--temperature <t>', 'stage 1: temperature (default: 1)', number(0.01, 100)))
    .addOption(
      option(
        '--topk <k>',
        `stage 1: sample from the k most likely tokens (default: ${TOP_K}, ${TOP_K_CLASSES} with --class)`,
        whole(0, 2 ** 20),
      ),
    )
    .addOption(
      option(
        '--topp <p>',
        'stage 1: sample from the smallest set of tokens with this total probability (replaces top-k)',
        number(0, 1),
      ),
    )
    .option(
      '--pinned <file>',
      'JSON file of tokens to use instead of sampling them; images cycle through the entries',
    )
    .addOption(
      new Option(
        '--common-noise <stage>',
        'use the random numbers of image 0 for every image in this stage',
      ).choices(['stage1', 'stage2']),
    )
    .addOption(
      option(
        '--noise <images>',
        'with --common-noise: use those of these images instead, comma-separated; images cycle through them',
        imageNumbers,
      ),
    )
    .addOption(
      option(
        '--stage1-noise <images>',
        'with --common-noise stage2: use the random numbers of these images in stage 1; images cycle through them',
        imageNumbers,
      ),
    )
}

function imageNumbers(text: string): number[] {
  const { success, data } = SampleSpecSchema.shape.noise.safeParse(text.split(',').map(whole(0)))
  if (!success || !data)
    throw new InvalidArgumentError('Expected up to 4096 image numbers, from 0 to 9999999.')
  return data
}

const countOption = () => option('--count <n>', 'number of images, over all shards', whole(1, 10_000_000), 16)

const EXAMPLES = `
Examples:
  digit sample                                     16 images from the bundled demo
  digit sample --class 0-9 --count 80              8 images per class
  digit sample --class micah --seed 7
  digit sample --model ~/RAR --generator rar --class 207 --guidance 4
  digit sample --pinned tokens.json --count 8       [{"discriminative": [12, -1, ...], "codes": [...]}]
  digit sample --model ~/DiGIT --stage2 nar --count 50000 --num-shards 4 --shard-id 0
  digit sample --model ~/DiGIT --count 50000 --pack  a few archives that every command reads`

export async function sampleSpec(flags: SampleFlags): Promise<SampleSpec> {
  if (flags.noise !== undefined && flags.commonNoise === undefined)
    throw new UsageError('--noise: needs --common-noise')
  if (flags.stage1Noise !== undefined && flags.commonNoise !== 'stage2')
    throw new UsageError('--stage1-noise: needs --common-noise stage2')
  if (flags.shardId >= flags.numShards)
    throw new UsageError(
      `--shard-id ${flags.shardId}: out of range (with --num-shards ${flags.numShards}, expected 0 to ${flags.numShards - 1})`,
    )
  const modelSet = await modelsOf(flags)
  const chosen = generatorOf(flags, modelSet)
  const classes = flags.class === undefined ? [] : parseClasses(flags.class, modelSet, chosen?.file)
  const spec: SampleSpec = {
    kind: 'sample',
    ...runFields(flags, ''),
    count: flags.count,
    classes,
    ...(chosen ? generatorFields(flags, chosen, modelSet) : digitFields(flags, classes, modelSet)),
    ...(flags.pinned === undefined ? {} : { pinned: await readPinned(flags.pinned) }),
    ...(flags.commonNoise === undefined ? {} : { commonNoise: flags.commonNoise }),
    ...(flags.noise === undefined ? {} : { noise: [...flags.noise] }),
    ...(flags.stage1Noise === undefined ? {} : { stage1Noise: [...flags.stage1Noise] }),
    ...(flags.pack ? { pack: true } : {}),
    shards: flags.numShards,
    shard: flags.shardId,
  }
  return flags.out === undefined ? { ...spec, ...runFields(flags, defaultOut(flags, spec)) } : spec
}

/** The settings of DiGIT's stages. */
function digitFields(flags: SampleFlags, classes: readonly number[], modelSet: ModelSet) {
  const typed = { temperature: flags.temperature ?? 1, topk: flags.topk, topp: flags.topp }
  return {
    ...stage2Fields(flags, modelSet),
    stage1Sampling: drawFields(typed, { topK: classes.length > 0 ? TOP_K_CLASSES : TOP_K }),
  }
}

/** Those of another generator. The stages' are those of the release, and not used. */
function generatorFields(flags: SampleFlags, chosen: ChosenGenerator, modelSet: ModelSet) {
  const unused = { ...digitFields({ ...flags, ...WITHOUT_STAGES }, [], modelSet), seed: flags.seed }
  return { ...unused, generator: generatorSpec(flags, chosen) }
}

/**
 * Settings that change the images change the folder name; others (count, batch, shard) resume the same
 * folder.
 */
function defaultOut(flags: SampleFlags, spec: SampleSpec): string {
  const { model, choose, seed, stage2, classes, stage1Sampling, stage2Sampling, masked, weightBits } = spec
  const { pinned, commonNoise, noise, stage1Noise, generator } = spec
  const drawing = { stage1Sampling, stage2Sampling, masked: stage2 === 'nar' && masked }
  const settings = { model, choose, classes, ...drawing, pinned, commonNoise, noise, stage1Noise, generator }
  const digest = createHash('sha256')
    .update(JSON.stringify(earlierNames(settings)))
    .digest('hex')
    .slice(0, 6)
  const parts = [runName(flags), `seed${seed}`, generator?.family ?? stage2]
  if (classes.length > 0) parts.push(classes.length === 1 ? `class${classes[0]}` : `${classes.length}classes`)
  if (weightBits !== 32 && weightBits !== 'auto') parts.push(`${weightBits}bit`)
  return `runs/${[...parts, digest].join('-')}`
}

const collect = (value: string, sofar: readonly string[] = []) => [...sofar, value]
