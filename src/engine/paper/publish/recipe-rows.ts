// The record of an image -> the rows of its recipe and of its models, as a published page shows them.
import { precisionOf } from '../../../shared/run/precision.ts'
import { fileHash } from '../../../shared/models/model-hash.ts'
import type { Sampling } from '../../../shared/run/run.ts'
import { FAMILIES, familyOf } from '../../../shared/generators/families.ts'
import { settingText, SETTINGS } from '../../../shared/generators/settings.ts'
import { layersOf, type GeneratorRecipe, type ImageRecord } from '../../records/image-record.ts'
import type { MadeWith } from '../../records/run-files.ts'

export type Row = readonly [label: string, value: string]

/** Values that the record lacks have no row. */
export function recipeRows(record: ImageRecord, className: (index: number) => string): readonly Row[] {
  const { recipe, image, class: label, source } = record
  const { stage1, stage2, seed, weightBits, provider, commonNoise, noise, stage1Noise, pinned } = recipe
  const masked = stage2?.masked ?? stage1?.masked
  const pins = Object.entries(layersOf(record)).flatMap(([name, { pinned }]) => {
    const count = pinned?.reduce((sum, is) => sum + is, 0) ?? 0
    return count > 0 ? [`${count} ${name.replaceAll('_', ' ')}`] : []
  })
  return [
    ['Image', String(image)],
    ['Seed', String(seed)],
    ...(label === undefined ? [] : [['Class', `${className(label)} (${label})`] as const]),
    ...(source ? [['Picture', source.name] as const] : []),
    ...(recipe.generator ? generatorRows(recipe.generator) : []),
    ...(stage1 ? samplingRows('Stage 1', stage1.sampling) : []),
    ...(stage2 ? [['Stage 2', masked ? 'masked (NAR)' : 'autoregressive'] as const] : []),
    ...(stage2 ? samplingRows('Stage 2', stage2.sampling) : []),
    ...(masked
      ? ([
          ['Decoding steps', String(masked.steps)],
          ['Choice temperature', String(masked.choiceTemperature)],
          ...(masked.halton ? [['Order', 'Halton sequence'] as const] : []),
        ] as const)
      : []),
    ...(pinned ? [['Fixed tokens', pins.join(', ')] as const] : []),
    ...(commonNoise
      ? [
          [
            'Random numbers',
            `of image ${noise ? noise[image % noise.length] : 0} in ${commonNoise === 'stage1' ? 'stage 1' : 'stage 2'}`,
          ] as const,
        ]
      : []),
    ...(stage1Noise ? [['', `of image ${stage1Noise[image % stage1Noise.length]} in stage 1`] as const] : []),
    ['Precision', precisionOf(weightBits)],
    ['Device', provider],
    ['Made by', record.app],
  ]
}

const generatorRows = ({ family, settings }: GeneratorRecipe): Row[] => [
  ['Generator', FAMILIES[family].title],
  ...familyOf(family).settings.flatMap((name): Row[] => {
    const value = settings[name]
    const { words } = SETTINGS[name]
    return value === undefined ? [] : [[words[0]!.toUpperCase() + words.slice(1), settingText(name, value)]]
  }),
]

const samplingRows = (stage: string, { temperature, topK, topP }: Sampling): Row[] => [
  [`${stage} temperature`, String(temperature)],
  topP > 0 ? [`${stage} top-p`, String(topP)] : [`${stage} top-k`, topK > 0 ? String(topK) : 'all tokens'],
]

export interface ModelRow {
  readonly role: string
  /** Absent where only its hash was recorded. */
  readonly name?: string
  readonly sha256: string
}

/** Every model that made the image, with the names of the files where the run recorded them. */
export function modelRows({ recipe }: ImageRecord, made: MadeWith | undefined): readonly ModelRow[] {
  const named = [
    ['stage 1', recipe.stage1?.sha256],
    ['stage 2', recipe.stage2?.sha256],
    ['generator', recipe.generator?.sha256],
    ['encoder', recipe.encoder],
    ['codebook', recipe.codebook],
    ['VQGAN', recipe.vqgan],
  ] as const
  return named.flatMap(([role, sha256]): ModelRow[] => {
    if (sha256 === undefined) return []
    const file = made?.models.find((model) => fileHash(model.sha256) === fileHash(sha256))
    return [{ role, sha256, ...(file ? { name: file.name } : {}) }]
  })
}
