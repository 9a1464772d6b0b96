// The request of a run -> a title, and the settings in which two requests differ.
import { precisionOf, unusualPrecision } from './precision.ts'
import type { WorkspaceRun } from './listed-run.ts'
import { publishedSampling } from './published.ts'
import { FAMILIES, familyOf, settingWords, type Preset } from '../generators/families.ts'
import { stepWords } from '../generators/settings.ts'
import type { GeneratorSpec, SampleRequest, Sampling } from './run.ts'

/** The request of a run as a title: `Unconditional · AR · seed 7 · T 0.9`, with every setting that is not published. */
export function runTitle(
  { id, request, reconstruct, pictures }: Pick<WorkspaceRun, 'id' | 'request' | 'reconstruct' | 'pictures'>,
  className: (index: number) => string,
): string {
  if (reconstruct) {
    const what = pictures?.length === 1 ? pictures[0]! : pictures ? `${pictures.length} pictures` : 'Pictures'
    if (reconstruct.tokenizer) return `${what} · tokenizer alone`
    if (reconstruct.vqganOnly) return `${what} · VQGAN alone`
    return `${what} · ${reconstruct.stage2.toUpperCase()} · seed ${reconstruct.seed}`
  }
  if (!request) return id
  const { classes, stage2, seed } = request
  const what =
    classes.length === 0
      ? 'Unconditional'
      : classes.length === 1
        ? className(classes[0]!)
        : `${classes.length} classes`
  const origin = originWords(request)
  const { generator } = request
  const drawing = generator ? FAMILIES[generator.family].title : stage2.toUpperCase()
  const unusualWords = generator ? unusualSettings(generator) : unusual(request)
  const parts = [...(origin ? [origin] : [what]), drawing, `seed ${seed}`, ...unusualWords]
  return parts.join(' · ')
}

/** What was done to the image that a run was made from. */
function originWords({ from, changes, commonNoise, stage1Noise, pinned }: SampleRequest): string | undefined {
  if (!from) return undefined
  if (stage1Noise) return `Variance split of image ${from.image}`
  const what = changes?.length ? 'Intervention on' : commonNoise && !pinned ? 'Other grids than' : 'Edit of'
  return `${what} image ${from.image}`
}

/** Settings of another generator that no preset of it has. */
function unusualSettings({ family, settings }: GeneratorSpec): string[] {
  const isPreset = ({ values }: Preset) =>
    familyOf(family).settings.every((name) => settings[name] === undefined || settings[name] === values[name])
  return familyOf(family).presets.some(isPreset) ? [] : settingWords(family, settings)
}

/** Settings that differ from the published ones, in short. */
function unusual({
  classes,
  stage2,
  stage1Sampling,
  stage2Sampling,
  masked,
  weightBits,
}: SampleRequest): string[] {
  const published = publishedSampling(classes.length > 0, stage2)
  return [
    ...samplingWords('', stage1Sampling, published.stage1),
    ...samplingWords('stage 2 ', stage2Sampling, published.stage2),
    ...(stage2 === 'nar' && masked.steps !== published.steps ? [stepWords(masked.steps)] : []),
    ...(stage2 === 'nar' && masked.halton ? ['Halton order'] : []),
    ...unusualPrecision(weightBits),
  ]
}

const samplingWords = (name: string, now: Sampling, usual: Sampling): string[] => [
  ...(now.temperature === usual.temperature ? [] : [`${name}T ${now.temperature}`]),
  ...(now.topK === usual.topK ? [] : [`${name}top-k ${now.topK || 'off'}`]),
  ...(now.topP === usual.topP ? [] : [`${name}top-p ${now.topP || 'off'}`]),
]

/** Settings of a request that differ from those of another, in short: `T 0.9`, `seed 8`. */
export function differingSettings(before: SampleRequest, now: SampleRequest): string[] {
  const masked = (field: 'steps' | 'choiceTemperature' | 'halton') =>
    now.masked[field] !== before.masked[field]
  const isMasked = now.stage2 === 'nar'
  // Another kind of stage 2 has other published settings.
  const stage2 =
    now.stage2 === before.stage2 ? before.stage2Sampling : publishedSampling(false, now.stage2).stage2
  if (now.generator || before.generator) {
    const words = ({ generator }: SampleRequest) =>
      generator
        ? [FAMILIES[generator.family].title, ...settingWords(generator.family, generator.settings)]
        : ['DiGIT']
    return [
      ...words(now).filter((word) => !words(before).includes(word)),
      ...(now.seed === before.seed ? [] : [`seed ${now.seed}`]),
    ]
  }
  return [
    ...samplingWords('', now.stage1Sampling, before.stage1Sampling),
    ...(now.stage2 === before.stage2 ? [] : [`stage 2 ${now.stage2.toUpperCase()}`]),
    ...samplingWords('stage 2 ', now.stage2Sampling, stage2),
    ...(isMasked && masked('steps') ? [stepWords(now.masked.steps)] : []),
    ...(isMasked && masked('halton') ? [now.masked.halton ? 'Halton order' : 'order by confidence'] : []),
    ...(isMasked && masked('choiceTemperature')
      ? [`choice temperature ${now.masked.choiceTemperature}`]
      : []),
    ...(now.weightBits === before.weightBits ? [] : [precisionOf(now.weightBits)]),
    ...(now.seed === before.seed ? [] : [`seed ${now.seed}`]),
  ]
}
