// The recipe of a run's images -> how they were sampled, in the words of a methods section.
import * as z from 'zod'
import { FAMILIES, FAMILY_NAMES, settingWords } from '../generators/families.ts'
import { GeneratorSettingsSchema, stepWords } from '../generators/settings.ts'
import { presentNames } from './earlier-names.ts'
import { MaskedDecodingSchema, SamplingSchema, type Sampling } from './run.ts'

const StageSchema = z.object({
  kind: z.string(),
  sha256: z.string(),
  sampling: SamplingSchema,
  masked: MaskedDecodingSchema.optional(),
})
export type StageSampled = z.infer<typeof StageSchema>

/** Fields of a recipe that say how tokens were drawn. */
export const SAMPLED_WITH = {
  seed: z.number(),
  stage1: StageSchema.optional(),
  stage2: StageSchema.optional(),
  generator: z
    .object({ family: z.enum(FAMILY_NAMES), sha256: z.string(), settings: GeneratorSettingsSchema })
    .optional(),
  commonNoise: z.enum(['stage1', 'stage2']).optional(),
  /** sha256 of fixed tokens passed to the run. */
  pinned: z.string().optional(),
}
const SampledWithSchema = z.object(SAMPLED_WITH)
export type SampledWith = z.infer<typeof SampledWithSchema>

/** `stage 1 with top-k 200 at temperature 1, stage 2 autoregressive with top-p 0.8 at temperature 1, seed 0`. */
export function sampledWords({ stage1, stage2, generator, seed, commonNoise, pinned }: SampledWith): string {
  return [
    ...(stage1 ? [`stage 1 with ${samplingWords(stage1.sampling)}`] : []),
    ...(stage2 ? [`stage 2 ${stageWords(stage2)}`] : []),
    ...(generator
      ? [[FAMILIES[generator.family].title, ...settingWords(generator.family, generator.settings)].join(', ')]
      : []),
    `seed ${seed}`,
    ...(commonNoise ? [`random numbers shared in ${commonNoise === 'stage1' ? 'stage 1' : 'stage 2'}`] : []),
    ...(pinned ? ['some tokens fixed'] : []),
  ].join(', ')
}

const stageWords = ({ sampling, masked }: StageSampled): string =>
  masked
    ? `masked decoding in ${stepWords(masked.steps)}${masked.halton ? ' in the order of a Halton sequence' : ''}, choice temperature ${masked.choiceTemperature}, ${samplingWords(sampling)}`
    : `autoregressive with ${samplingWords(sampling)}`

function samplingWords({ topP, topK, temperature }: Sampling): string {
  const cut = topP > 0 ? `top-p ${topP}` : topK > 0 ? `top-k ${topK}` : 'all tokens'
  return `${cut} at temperature ${temperature}`
}

/** `Codebooks: K = 8,192 discriminative tokens, K = 1,024 VQGAN codes`; undefined where no record says so. */
export function codebookWords({ discriminative, codes }: CodebookSizes = {}): string | undefined {
  const parts = [
    ...(discriminative === undefined ? [] : [`K = ${thousands(discriminative)} discriminative tokens`]),
    ...(codes === undefined ? [] : [`K = ${thousands(codes)} VQGAN codes`]),
  ]
  return parts.length === 0 ? undefined : `Codebooks: ${parts.join(', ')}`
}

interface CodebookSizes {
  readonly discriminative?: number | undefined
  readonly codes?: number | undefined
}
const thousands = (count: number) => count.toLocaleString('en-US')

/** Of the recipe in a stamp; undefined where no transformer drew tokens, or another program made the images. */
export function recipeWords(recipe: unknown): string | undefined {
  const { data } = SampledWithSchema.safeParse(presentNames(recipe))
  return data && (data.stage1 ?? data.stage2 ?? data.generator) ? sampledWords(data) : undefined
}

/** Sampled alike but for single words, which are joined: `at temperature 0.8/1`; or all, one after another. */
export function joinedWords(texts: readonly string[]): string {
  const all = [...new Set(texts)].map((text) => text.split(' '))
  if (new Set(all.map(({ length }) => length)).size > 1) return all.map((words) => words.join(' ')).join('; ')
  const [first = []] = all
  return first
    .map((word, i) => {
      const found = [...new Set(all.map((words) => words[i]!.replace(/,$/, '')))]
      return found.length === 1 ? word : found.join('/') + (word.endsWith(',') ? ',' : '')
    })
    .join(' ')
}
