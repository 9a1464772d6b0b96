// A run specification -> the command that makes the same images. Paths are those that the caller names: a published command
// names no folder of the machine that it comes from.
import { unusualPrecision } from './precision.ts'
import { MODEL_ROLES } from '../models/models.ts'
import { familyOf } from '../generators/families.ts'
import { settingRow } from '../generators/settings.ts'
import type { DecodeSpec, GeneratorSpec, SampleSpec, Sampling } from './run.ts'

export interface CommandFiles {
  /** Folder of the models; absent: the bundled demo. */
  readonly model?: string | undefined
  /** JSON of the pinned tokens, if the specification has some. */
  readonly pinned?: string | undefined
  /** For `decode`: the file of the tokens. */
  readonly codecs?: string | undefined
  readonly out: string
}

/** `digit sample --seed 3 --count 8 ...`, every setting explicit. The same models, device and version give the same images. */
export function commandOf(
  spec: SampleSpec | DecodeSpec,
  { model, pinned, codecs = '', out }: CommandFiles,
): string {
  const words = spec.kind === 'sample' ? sampleWords(spec, pinned) : decodeWords(spec, codecs)
  const chosen = MODEL_ROLES.flatMap((role) => {
    const file = spec.choose?.[role]
    return file === undefined ? [] : ['--use', `${role}=${file}`]
  })
  return ['digit', ...words, ...(model === undefined ? [] : ['--model', model]), ...chosen, '--out', out]
    .map(quoted)
    .join(' ')
}

function sampleWords(spec: SampleSpec, pinned: string | undefined): string[] {
  const { count, classes, shards, shard, stage1Sampling, commonNoise, noise, stage1Noise } = spec
  return [
    'sample',
    ...flag('count', count),
    ...(shards === 1 ? [] : [...flag('num-shards', shards), ...flag('shard-id', shard)]),
    ...(classes.length > 0 ? flag('class', classes.join(',')) : []),
    ...(spec.generator
      ? [...generatorWords(spec.generator), ...runWords(spec)]
      : [...samplingWords('', stage1Sampling), ...stageWords(spec)]),
    ...(commonNoise === undefined ? [] : flag('common-noise', commonNoise)),
    ...(commonNoise === undefined || noise === undefined ? [] : flag('noise', noise.join(','))),
    ...(stage1Noise === undefined ? [] : flag('stage1-noise', stage1Noise.join(','))),
    ...(spec.pinned && pinned !== undefined ? flag('pinned', pinned) : []),
  ]
}

const decodeWords = (spec: DecodeSpec, codecs: string): string[] => [
  'decode',
  codecs,
  ...flag('tokens', spec.tokens),
  ...(spec.first ? flag('first', spec.first) : []),
  ...stageWords(spec),
]

/** Every setting of another generator. */
const generatorWords = ({ family, file, heads, side, settings }: GeneratorSpec): string[] => [
  ...flag('generator', file ?? family),
  ...(heads === undefined ? [] : flag('heads', heads)),
  ...(side === undefined ? [] : flag('side', side)),
  ...familyOf(family).settings.flatMap((name) => {
    const value = settings[name]
    return value === undefined ? [] : flag(settingRow(name).flag, value)
  }),
]

const runWords = ({ seed, weightBits, device }: SampleSpec | DecodeSpec) => [
  ...flag('seed', seed),
  ...unusualPrecision(weightBits).flatMap((name) => flag('precision', name)),
  ...flag('device', device),
]

const stageWords = ({
  seed,
  stage2,
  stage2Sampling,
  masked,
  weightBits,
  device,
}: SampleSpec | DecodeSpec) => [
  ...flag('seed', seed),
  ...flag('stage2', stage2),
  ...samplingWords('stage2-', stage2Sampling),
  ...(stage2 === 'nar'
    ? [
        ...flag('steps', masked.steps),
        ...flag('choice-temperature', masked.choiceTemperature),
        ...(masked.halton ? flag('halton', 1) : []),
      ]
    : []),
  ...unusualPrecision(weightBits).flatMap((name) => flag('precision', name)),
  ...flag('device', device),
]

/** Top-p, when above 0, replaces top-k. */
const samplingWords = (stage: string, { temperature, topK, topP }: Sampling): string[] => [
  ...flag(`${stage}temperature`, temperature),
  ...(topP > 0 ? flag(`${stage}topp`, topP) : flag(`${stage}topk`, topK)),
]

const flag = (name: string, value: string | number): string[] => [`--${name}`, String(value)]

/** For POSIX shells. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
