// Published rows -> what was measured here of them, by protocol, or why nothing can be.
import { PROTOCOL_TITLES } from '../../../shared/evaluation/evaluation.ts'
import { FAMILIES, familyOf, type FamilyName } from '../../../shared/generators/families.ts'
import type { Measurement } from '../../../shared/evaluation/measurements.ts'
import type { PublishedSamples } from '../../../shared/evaluation/published.ts'
import { isOfRow, sourceOf, type RowSource } from '../../../shared/evaluation/published-runs.ts'
import type { ModelFile } from '../../../shared/models/models.ts'
import { differences } from './published-table.ts'

export interface MeasuredHere {
  readonly id: string
  /** Its protocol, and the number of samples. */
  readonly how: string
  readonly fid: number
  readonly inceptionScore: number | undefined
  /** Why it cannot be compared with the row; empty if it can. */
  readonly apart: readonly string[]
}

export interface RowMeasured {
  readonly measured: readonly MeasuredHere[]
  /** What the row needs, or why it cannot be measured. */
  readonly words: string
  readonly canRun: boolean
  /** How what can run differs from the row's own model. */
  readonly note: string | undefined
}

/** One of each protocol: the measurement with most samples, the newest of several. */
export function measuredHere(
  row: PublishedSamples,
  table: 'unconditional' | 'class',
  measurements: readonly Measurement[],
  files: readonly ModelFile[],
): RowMeasured {
  const source = sourceOf(row, table)
  const unguided = source.kind === 'generator' ? unguidedOf(source.family) : undefined
  const widthOf = (sha256: string) => {
    const width = files.find((file) => file.sha256 === sha256)?.facts.width
    return typeof width === 'number' ? width : undefined
  }
  const own = measurements
    .filter(({ stamp }) => stamp.results.frechet_inception_distance !== undefined)
    .filter(({ stamp: { samples, recipe, models } }) =>
      isOfRow(source, { path: samples.path, recipe, models, widthOf }, unguided),
    )
    .sort((a, b) => (b.stamp.samples.n ?? 0) - (a.stamp.samples.n ?? 0))
  const best = new Map(own.toReversed().map((one) => [one.stamp.metric, one]))
  return {
    measured: [...best.values()].map(({ id, stamp }) => ({
      id,
      how: `${PROTOCOL_TITLES[stamp.metric]}, ${stamp.samples.n?.toLocaleString('en-US') ?? '?'} samples`,
      fid: stamp.results.frechet_inception_distance!,
      inceptionScore: stamp.results.inception_score_mean,
      apart: differences(stamp),
    })),
    words: wordsOf(source),
    canRun: source.kind !== 'none',
    note: source.kind === 'generator' ? source.note : undefined,
  }
}

const isFamily = (name: string): name is FamilyName => name in FAMILIES
const unguidedOf = (family: string) => (isFamily(family) ? familyOf(family).unguided : undefined)

function wordsOf(source: RowSource): string {
  if (source.kind === 'none') return source.why
  if (source.kind === 'samples') return `Published samples: add ${source.file} on Evaluate`
  if (source.kind === 'digit') return 'Not measured yet: sample with DiGIT'
  if (!isFamily(source.family)) return 'Not supported yet'
  const { title } = FAMILIES[source.family]
  const how = source.guided === undefined ? '' : source.guided ? ', with guidance' : ', without guidance'
  return `Not measured yet: sample with ${title}${how}`
}
