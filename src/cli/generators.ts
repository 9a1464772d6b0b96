// Flags of generators of other families than DiGIT, and the part of a specification they become.
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { FAMILIES, FAMILY_NAMES, presetsOf, settingsOf } from '../shared/generators/families.ts'
import {
  SETTING_NAMES,
  settingRow,
  type GeneratorSettings,
  type SettingName,
} from '../shared/generators/settings.ts'
import type { MatchedGenerator, ModelFile, ModelRole, ModelSet } from '../shared/models/models.ts'
import type { GeneratorSpec } from '../shared/run/run.ts'
import { number, option, whole } from './options.ts'
import { UsageError } from './outcome.ts'

const DIGIT = 'digit'
/** Settings whose flags stages of DiGIT have as well. */
const OF_DIGIT: readonly SettingName[] = [
  'temperature',
  'topK',
  'topP',
  'steps',
  'choiceTemperature',
  'halton',
]
const OWN = SETTING_NAMES.filter((name) => !OF_DIGIT.includes(name))
/** Roles that draw: with one of them, DiGIT is meant unless another generator is named. */
const DRAWING: readonly ModelRole[] = ['stage1', 'stage1Class', 'stage2Ar', 'stage2Nar', 'vqAr']

export interface GeneratorFlags {
  readonly generator?: string
  readonly preset?: string
  readonly heads?: number
  readonly side?: number
  readonly temperature?: number
  readonly topk?: number
  readonly topp?: number
  readonly steps?: number
  readonly choiceTemperature?: number
  readonly guidance?: number
  readonly guidancePower?: number
  readonly guidanceInterval?: number
  readonly halton?: number
  readonly logitFactor?: number
  readonly stage2?: 'ar' | 'nar'
  readonly stage2Topk?: number
  readonly stage2Topp?: number
}

/** Flags that a generator reads itself, so that DiGIT's stages do not. */
export const WITHOUT_STAGES = {
  temperature: undefined,
  topk: undefined,
  topp: undefined,
  steps: undefined,
  choiceTemperature: undefined,
  halton: undefined,
} as unknown as object

export function addGeneratorOptions(command: Command): Command {
  command
    .addOption(
      new Option(
        '--generator <name>',
        `what draws: ${DIGIT}, ${FAMILY_NAMES.join(', ')}, or the file of one of several (default: ${DIGIT} if the models have it); --temperature, --topk, --topp, --steps and --choice-temperature are then its own`,
      ),
    )
    .option('--preset <name>', 'settings of another generator, by name (default: the published ones)')
  for (const name of OWN) {
    const row = settingRow(name)
    const { flag, least, most, explanation } = row
    const parse = row.whole ? whole(least, most) : number(least, most)
    command.addOption(option(`--${flag} <n>`, `other generators: ${explanation}`, parse))
  }
  return command
    .addOption(option('--heads <n>', 'other generators: attention heads, if no file says', whole(1, 1024)))
    .addOption(
      option(
        '--side <n>',
        'LlamaGen: cells along a side, 16 for 256 px or 24 for 384 px (default: as its file or its name says, else 16)',
        whole(1, 64),
      ),
    )
}

export interface ChosenGenerator {
  readonly match: MatchedGenerator
  readonly file: ModelFile
  /** Whether a file was named. */
  readonly byFile: boolean
}

/** The generator of the flags; undefined for DiGIT. */
export function generatorOf(
  flags: GeneratorFlags,
  { files, generators, set, damaged = {} }: ModelSet,
): ChosenGenerator | undefined {
  const asked = flags.generator
  const hasDigit = DRAWING.some((role) => (set[role] ?? damaged[role]) !== undefined)
  if (asked === DIGIT || (asked === undefined && (hasDigit || generators.length === 0))) return digit(flags)
  const fileOf = ({ generator }: MatchedGenerator) => files.find(({ id }) => id === generator)!
  const names = (matches: readonly MatchedGenerator[]) =>
    matches.map((match) => `${match.family}: ${fileOf(match).path}`).join('; ') || 'none'
  const isFamily = asked !== undefined && asked in FAMILIES
  const isMeant = (match: MatchedGenerator) =>
    asked === undefined || (isFamily ? match.family === asked : isFile(asked, fileOf(match)))
  const found = generators.filter(isMeant)
  const usable = found.filter(({ lacks }) => lacks === undefined)
  const [match, ...others] = usable.length > 0 ? usable : found
  if (!match) throw new UsageError(`--generator ${asked}: not among the models (found ${names(generators)})`)
  if (others.length > 0)
    throw new UsageError(`--generator: several among the models; name a file (${names([match, ...others])})`)
  return { match, file: fileOf(match), byFile: asked !== undefined && !isFamily }
}

const isFile = (asked: string, { path, prefix }: ModelFile) =>
  [path, `${path}#${prefix}`, `${path}#${prefix.replace(/\.$/, '')}`].includes(resolve(asked))

/** Throws UsageError for a flag that DiGIT does not have. */
function digit(flags: GeneratorFlags): undefined {
  const odd = OWN.find((name) => valueOf(flags, name) !== undefined)
  const other = (['preset', 'heads', 'side'] as const).find((name) => flags[name] !== undefined)
  const flag = odd ? settingRow(odd).flag : other
  if (flag) throw new UsageError(`--${flag}: only for other generators than DiGIT (see --generator)`)
}

export function generatorSpec(
  flags: GeneratorFlags,
  { match, file, byFile }: ChosenGenerator,
): GeneratorSpec {
  const { family } = match
  const odd = (['stage2', 'stage2Topk', 'stage2Topp'] as const).find((name) => flags[name] !== undefined)
  if (odd)
    throw new UsageError(
      `--${odd.replace(/([A-Z])/, '-$1').toLowerCase()}: ${FAMILIES[family].title} has no stage 2`,
    )
  const width = Number(file.facts.width)
  const given = Object.fromEntries(
    SETTING_NAMES.flatMap((name) => {
      const value = valueOf(flags, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const { heads, side } = flags
  return {
    family,
    ...(byFile ? { file: file.versions ? `${file.path}#${file.prefix}` : file.path } : {}),
    ...(heads === undefined ? {} : { heads }),
    ...(side === undefined ? {} : { side }),
    settings: settingsOf(family, { ...presetValues(flags, match, width), ...given }, width),
  }
}

function presetValues(
  { preset }: GeneratorFlags,
  { family }: MatchedGenerator,
  width: number,
): GeneratorSettings {
  if (preset === undefined) return {}
  const presets = presetsOf(family, width)
  const found = presets.find(({ name }) => name.toLowerCase() === preset.toLowerCase())
  if (!found)
    throw new UsageError(
      `--preset ${preset}: no such preset of ${FAMILIES[family].title} (expected ${presets.map(({ name }) => name).join(', ')})`,
    )
  return found.values
}

/** Value of a setting's flag: `guidance-power` is `guidancePower`. */
function valueOf(flags: GeneratorFlags, name: SettingName): number | undefined {
  const field = settingRow(name).flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return flags[field as keyof GeneratorFlags] as number | undefined
}
