// Flags shared by several commands, and the fields of a run specification they become.
import { DIGIT_GRID } from '../shared/grid/layout.ts'
import { basename, extname, resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { createEngine, demoFolder } from '../engine/api/index.ts'
import { RequestError } from '../shared/errors.ts'
import { printable } from '../shared/printable.ts'
import { MODEL_ROLES, type ModelChoice, type ModelRole, type ModelSet } from '../shared/models/models.ts'
import { DEVICES, RunDeviceSchema, type DeviceName } from '../shared/models/devices.ts'
import { PRECISION_NAMES, PRECISIONS, type AskedBits, type Precision } from '../shared/run/precision.ts'
import type { Sampling } from '../shared/run/run.ts'
import { UsageError } from './outcome.ts'

/** Sampling flags of one stage. */
export interface DrawFlags {
  readonly temperature: number
  readonly topk?: number
  readonly topp?: number
}

export interface ModelFlags {
  readonly model?: string
  readonly use?: ModelChoice
}
export interface DeviceFlags extends ModelFlags {
  readonly device: DeviceName
  readonly batchSize: number
  readonly out?: string
}
export interface RunFlags extends DeviceFlags {
  readonly precision?: Precision | 'auto'
  /** The flag of 0.1. */
  readonly weights?: string
}
export interface Stage2Flags {
  readonly stage2?: 'ar' | 'nar'
  readonly seed: number
  readonly stage2Temperature: number
  readonly stage2Topk?: number
  readonly stage2Topp?: number
  readonly steps?: number
  readonly choiceTemperature?: number
  readonly halton?: number
}

/** Masked decoding of the release. */
const STEPS = 8
const CHOICE_TEMPERATURE = 4.5

/** Parser for a whole number in a range, for commander's `argParser`. */
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER) => number(least, most, true)

export function number(least: number, most: number, isWhole = false) {
  return (text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text)
    if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(
        `Expected a ${isWhole ? 'whole ' : ''}number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}.`,
      )
    return value
  }
}

export const addModelOptions = (command: Command): Command =>
  command
    .option('--model <path>', 'folder (or file) with models (default: the bundled demo)')
    .addOption(useOption())

export const useOption = (): Option =>
  new Option(
    '--use <role=file>',
    `use this file for a role when several fit, or FILE#PREFIX of a file with several models; roles: ${MODEL_ROLES.join(' ')}`,
  ).argParser(collectChoice)

export function addDeviceOptions(command: Command): Command {
  return command
    .addOption(new Option('--device <name>', 'device to run on').choices(DEVICES).default('auto'))
    .addOption(option('--batch-size <n>', 'images per batch', whole(1, 1024), 16))
    .option('--out <folder>', 'run folder (default: runs/ and a name derived from the settings)')
}

export function addRunOptions(command: Command): Command {
  return addDeviceOptions(addModelOptions(command))
    .addOption(
      new Option(
        '--precision <name>',
        'fp32 as published; fp16; int8 or int4 weights of the transformers; auto: fp16 on a GPU where it agrees with fp32 (default: auto)',
      ).choices(['auto', ...PRECISION_NAMES]),
    )
    .addOption(new Option('--weights <bits>').choices(['32', '16', '8', '4']).hideHelp())
}

/** Runs that can share their images among cards take those too. */
export function takesCards(command: Command): Command {
  const device = command.options.find(({ long }) => long === '--device')!
  device.description = 'device to run on; all, or cards such as cuda:0,cuda:1: a process a card'
  device.argChoices = undefined as never
  device.argParser((text) => {
    const { success, data } = RunDeviceSchema.safeParse(text)
    if (!success)
      throw new InvalidArgumentError(
        `Expected ${DEVICES.join(', ')}, all, or cards of one kind such as cuda:0,cuda:1.`,
      )
    return data
  })
  return command
}

export function addStage2Options(command: Command): Command {
  return command
    .addOption(
      option(
        '--seed <n>',
        'random seed; each image depends only on the seed and its own number',
        whole(0),
        0,
      ),
    )
    .addOption(
      new Option('--stage2 <kind>', 'stage 2 model (default: ar if available)').choices(['ar', 'nar']),
    )
    .addOption(option('--stage2-temperature <t>', 'stage 2: temperature', number(0.01, 100), 1))
    .addOption(option('--stage2-topk <k>', 'stage 2: sample from the k most likely codes', whole(0, 2 ** 20)))
    .addOption(
      option(
        '--stage2-topp <p>',
        'stage 2: sample from the smallest set of codes with this total probability (default: 0.8 with ar)',
        number(0, 1),
      ),
    )
    .addOption(
      option('--steps <n>', `stage 2 nar: decoding steps (default: ${STEPS})`, whole(1, DIGIT_GRID.cells)),
    )
    .addOption(
      option(
        '--choice-temperature <t>',
        `stage 2 nar: noise added to the confidence (default: ${CHOICE_TEMPERATURE})`,
        number(0, 1000),
      ),
    )
    .addOption(
      option(
        '--halton <0|1>',
        'masked decoding: 1 fixes cells in the order of a Halton sequence instead of by confidence (default: 0)',
        whole(0, 1),
      ),
    )
}

export function option<T>(flags: string, description: string, parse: (text: string) => T, value?: T): Option {
  const made = new Option(flags, description).argParser(parse)
  return value === undefined ? made : made.default(value)
}

export const modelPath = (flags: ModelFlags): string => flags.model ?? demoFolder()

/** The models of the flags. What had to be assumed about them is printed. */
export async function modelsOf(flags: ModelFlags): Promise<ModelSet> {
  const modelSet = await createEngine().api.importModels([modelPath(flags)], flags.use)
  for (const note of modelSet.assumed) console.error(printable(`note: ${note}`))
  return modelSet
}

/** Fields of every run that uses models. */
export function modelFields(flags: DeviceFlags, defaultOut: string) {
  return {
    model: resolve(modelPath(flags)),
    ...(flags.use === undefined ? {} : { choose: flags.use }),
    out: resolve(flags.out ?? defaultOut),
    device: flags.device,
  }
}

/** Fields of every run of the image pipeline. */
export function runFields(flags: RunFlags, defaultOut: string) {
  return {
    ...modelFields(flags, defaultOut),
    batchSize: flags.batchSize,
    weightBits: weightBitsOf(flags),
  }
}

function weightBitsOf({ precision, weights }: RunFlags): AskedBits {
  if (precision !== undefined && weights !== undefined)
    throw new UsageError(
      `--precision ${precision}, --weights ${weights}: mutually exclusive; use --precision alone`,
    )
  if (weights !== undefined) return Number(weights) as AskedBits
  return precision === undefined || precision === 'auto' ? 'auto' : PRECISIONS[precision].bits
}

/** Fields of runs with a stage 2; the release samples AR with top-p 0.8 and NAR from all codes. */
export function stage2Fields(flags: Stage2Flags, { set, damaged }: Pick<ModelSet, 'set' | 'damaged'>) {
  const onlyMasked = set.stage2Ar === undefined && set.stage2Nar !== undefined
  if (!flags.stage2 && onlyMasked && damaged?.stage2Ar !== undefined)
    throw new RequestError(`stage 2 AR: ${damaged.stage2Ar}; use --stage2 nar to sample without it`)
  const stage2 = flags.stage2 ?? (onlyMasked ? 'nar' : 'ar')
  const typed = {
    temperature: flags.stage2Temperature,
    topk: flags.stage2Topk,
    topp: flags.stage2Topp,
  }
  return {
    seed: flags.seed,
    stage2,
    stage2Sampling: drawFields(typed, stage2 === 'ar' ? { topP: 0.8 } : {}, 'stage2-'),
    masked: {
      steps: flags.steps ?? STEPS,
      choiceTemperature: flags.choiceTemperature ?? CHOICE_TEMPERATURE,
      ...(flags.halton === 1 ? { halton: true } : {}),
    },
  } as const
}

/** fairseq's rule: top-p, when above 0, replaces top-k; giving both is an error. */
export function drawFields(
  {
    temperature,
    topk,
    topp,
  }: {
    temperature: number
    topk: number | undefined
    topp: number | undefined
  },
  usual: { readonly topK?: number; readonly topP?: number },
  stage = '',
): Sampling {
  if (topk !== undefined && topk > 0 && topp !== undefined && topp > 0)
    throw new UsageError(`--${stage}topk ${topk}, --${stage}topp ${topp}: mutually exclusive; use only one`)
  if (topp !== undefined && topp > 0) return { temperature, topK: 0, topP: topp }
  if (topk !== undefined) return { temperature, topK: topk, topP: 0 }
  if (topp !== undefined) return { temperature, topK: 0, topP: 0 }
  return { temperature, topK: usual.topK ?? 0, topP: usual.topP ?? 0 }
}

/** `runs/demo`, `runs/DiGIT-base`: the start of run folder names. */
export function runName(flags: ModelFlags): string {
  const path = resolve(modelPath(flags))
  return basename(path, extname(path)) || 'model'
}

function collectChoice(text: string, sofar: ModelChoice = {}): ModelChoice {
  const [role = '', ...rest] = text.split('=')
  const file = rest.join('=')
  if (!MODEL_ROLES.includes(role as ModelRole) || file === '')
    throw new InvalidArgumentError(`Expected ROLE=FILE, where ROLE is one of ${MODEL_ROLES.join(', ')}.`)
  return { ...sofar, [role]: file }
}
