// Sweeps -> legend names that distinguish them, and what all points of one have in common.
import { FAMILIES, settingWords } from '../../../shared/generators/families.ts'
import { stepWords } from '../../../shared/generators/settings.ts'
import { AXIS_NAMES, axisRow, type AxisName } from '../../../shared/sweep/axes.ts'
import { precisionOf } from '../../../shared/run/precision.ts'
import type { GeneratorSpec, SampleRequest } from '../../../shared/run/run.ts'
import type { WorkspaceSweep } from '../../../shared/sweep/sweeps.ts'
import { timeWords } from '../app/words.ts'
import { generatorName, generators } from '../models/generators.ts'

/** More classes are counted. By number: a sweep may be of other models than those that are open. */
const MOST_NAMED = 3

type Row = [axis: AxisName | undefined, words: (base: SampleRequest) => string]
/** Settings of DiGIT's stages, which other generators do not have. */
function stages(rows: readonly Row[]): Row[] {
  return rows.map(([axis, words]) => [axis, (base) => (base.generator ? '' : words(base))])
}
/** The setting of other generators that an axis varies. */
function ofGenerators(axis: AxisName): Row[] {
  const { setting } = axisRow(axis)
  if (!setting) return []
  return [
    [
      axis,
      ({ generator }) => {
        const value = generator?.settings[setting]
        return generator && value !== undefined
          ? settingWords(generator.family, { [setting]: value }).join('')
          : ''
      },
    ],
  ]
}

/** With its file where several of the family are open. */
function titleOf({ family, file }: GeneratorSpec): string {
  const open = generators.value.find((one) => one.file.id === file)
  return open ? generatorName(open) : FAMILIES[family].title
}

/** Settings by which sweeps can differ; a setting counts only if no sweep has it as an axis. */
const SETTINGS: readonly Row[] = [
  ['generator', ({ generator, stage2 }) => (generator ? titleOf(generator) : stage2.toUpperCase())],
  [
    undefined,
    ({ classes }) => {
      if (classes.length === 0) return 'unconditional'
      if (classes.length > MOST_NAMED) return `${classes.length} classes`
      return `${classes.length === 1 ? 'class' : 'classes'} ${classes.join(', ')}`
    },
  ],
  ...stages([
    ['temperature', ({ stage1Sampling }) => `temperature ${stage1Sampling.temperature}`],
    ['topk', ({ stage1Sampling }) => `top-k ${stage1Sampling.topK || 'off'}`],
    ['topp', ({ stage1Sampling }) => `top-p ${stage1Sampling.topP || 'off'}`],
    ['stage2-temperature', ({ stage2Sampling }) => `stage 2 temperature ${stage2Sampling.temperature}`],
    ['stage2-topk', ({ stage2Sampling }) => `stage 2 top-k ${stage2Sampling.topK || 'off'}`],
    ['stage2-topp', ({ stage2Sampling }) => `stage 2 top-p ${stage2Sampling.topP || 'off'}`],
    ['steps', ({ stage2, masked }) => (stage2 === 'nar' ? stepWords(masked.steps) : '')],
    ['weights', ({ weightBits }) => (weightBits === 'auto' ? '' : precisionOf(weightBits))],
  ]),
  ...AXIS_NAMES.flatMap(ofGenerators),
  ['seed', ({ seed }) => `seed ${seed}`],
  ['count', ({ count }) => `${count} images`],
]

/** Named by the settings that differ, and by time if still ambiguous; a single sweep has no name. */
export function sweepNames(all: readonly Pick<WorkspaceSweep, 'axes' | 'base' | 'started'>[]): string[] {
  if (all.length < 2) return all.map(() => '')
  const swept = new Set(all.flatMap(({ axes }) => axes.map(({ name }) => name)))
  const wordsOf = ([, words]: Row) => all.map(({ base }) => words(base))
  // Generators tell sweeps apart better than settings that only some of them have.
  const isByGenerator =
    all.some(({ base }) => base.generator) && new Set(wordsOf(SETTINGS[0]!)).size === all.length
  const told = SETTINGS.filter((row) => {
    const [axis, found] = [row[0], wordsOf(row)]
    if ((axis && swept.has(axis)) || new Set(found).size < 2) return false
    return !isByGenerator || !found.includes('')
  })
  const names = all.map(({ base }) =>
    told
      .map(([, words]) => words(base))
      .filter((words) => words !== '')
      .join(', '),
  )
  const isClear = (name: string) => name !== '' && names.filter((other) => other === name).length === 1
  return all.map(({ started }, i) =>
    isClear(names[i]!) ? names[i]! : [names[i], timeWords(started)].filter(Boolean).join(', '),
  )
}

/** What every point has: the settings other than the axes; of several generators none is that of all. */
export function commonSettings({ axes, base }: Pick<WorkspaceSweep, 'axes' | 'base'>): readonly string[] {
  const swept = new Set(axes.map(({ name }) => name))
  const isCommon = (axis: AxisName | undefined) =>
    swept.has('generator') ? axis === undefined || axis === 'seed' || axis === 'count' : true
  return SETTINGS.filter(([axis]) => isCommon(axis) && !(axis && swept.has(axis)))
    .map(([, words]) => words(base))
    .filter((words) => words !== '')
}
