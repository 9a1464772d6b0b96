// A measurement without its numbers -> what a methods section says about it.
import * as z from 'zod'
import { PROTOCOL_NAMES, type MeasuredSet, type Stamp } from './evaluation.ts'
import { joinedWords, recipeWords } from '../run/sampled-with.ts'
import { resultError } from './result-error.ts'

const MOST_TEXT = 2000
const text = z.string().max(MOST_TEXT)
const set = z.strictObject({
  /** Name of the folder or file. */
  path: text,
  n: z.number().int().min(0).exactOptional(),
  sha256: text,
  kind: z.enum(['images', 'statistics']),
  crop: text,
})

const fields = {
  metric: z.enum(PROTOCOL_NAMES),
  extractor: z.strictObject({ file: text, sha256: text, input: text, network: text.exactOptional() }),
  samples: set,
  reference: set,
  settings: z.record(text, z.union([text, z.number()])),
  badges: z.array(text).max(100),
  /** How the samples were drawn, where their run says so. */
  drawn: text.exactOptional(),
}

export const HowMeasuredSchema = z.strictObject(fields)
export type HowMeasured = z.infer<typeof HowMeasuredSchema>

/** Of the values of a series: which result, and how its errors were found. */
export const SeriesMeasuredSchema = z.strictObject({ ...fields, result: text, error: text.exactOptional() })
export type SeriesMeasured = z.infer<typeof SeriesMeasuredSchema>

export const howMeasured = ({
  metric,
  extractor: { file, sha256, input, network },
  samples,
  reference,
  settings,
  badges,
  recipe,
}: Stamp): HowMeasured => {
  const drawn = recipeWords(recipe)
  return {
    metric,
    extractor: { file, sha256, input, ...(network === undefined ? {} : { network }) },
    samples: named(samples),
    reference: named(reference),
    settings: { ...settings },
    badges: [...badges],
    ...(drawn === undefined ? {} : { drawn: drawn.slice(0, MOST_TEXT) }),
  }
}

/** Of one series: what its points do not share is joined. */
export function drawnTogether(all: readonly Pick<HowMeasured, 'drawn'>[]): Pick<HowMeasured, 'drawn'> {
  const texts = all.flatMap(({ drawn }) => drawn ?? [])
  return texts.length === 0 ? {} : { drawn: joinedWords(texts).slice(0, MOST_TEXT) }
}

const named = ({ path, n, sha256, kind, crop }: MeasuredSet) => ({
  path: path.split(/[\\/]/).at(-1)!,
  ...(n === undefined ? {} : { n }),
  sha256,
  kind,
  crop,
})

/** Every result of a measurement, for its methods text; spreads are not results. */
export const resultsMeasured = (stamp: Stamp): SeriesMeasured[] =>
  Object.keys(stamp.results)
    .filter((name) => !name.endsWith('_std'))
    .map((result) => {
      const error = resultError(stamp, result)?.method
      return { ...howMeasured(stamp), result, ...(error === undefined ? {} : { error }) }
    })
