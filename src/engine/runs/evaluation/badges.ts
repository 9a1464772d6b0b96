// Caveats for comparing a measurement with published values.
import type { MetricName, Protocol } from '../../metrics/index.ts'

const PUBLISHED_COUNT = 50_000
/** Of the Inception Score: 50,000 images in 10 splits. */
const PUBLISHED_SPLIT = 5000
/** Images of ADM's references for precision and recall, the least that papers use. */
const LEAST_FOR_MANIFOLDS = 10_000

export interface Circumstances {
  readonly protocol: Protocol
  /** Samples. */
  readonly n: number
  readonly reference: {
    /** Absent for statistics alone. */
    readonly n?: number
    /** Of its covariance; 0 if none was used. */
    readonly rank: number
    /** It has the same pixels as the samples. */
    readonly isSamples: boolean
  }
  /** Of the features that the Frechet distance compares. */
  readonly width: number
  /** The features are those that the tokens are made from. */
  readonly isTokenizer: boolean
  readonly classes: readonly number[] | undefined
  /** Both sets' classes, where equal numbers are the same class. */
  readonly matched?:
    | { readonly samples: readonly number[]; readonly reference: readonly number[] }
    | undefined
  /** Metrics that were left out, lossy files. */
  readonly notes: readonly string[]
}

export function badgesOf(found: Circumstances): string[] {
  const { protocol, n, reference, width } = found
  const measures = (metric: MetricName) => protocol.metrics.includes(metric)
  const badges: string[] = []
  if (reference.isSamples) badges.push('samples and reference are the same images')
  if (n < PUBLISHED_COUNT)
    badges.push(`n = ${n}: published values use ${PUBLISHED_COUNT.toLocaleString('en')} samples`)
  if (n <= width) badges.push(`n = ${n} samples for ${width} dimensions: the covariance is rank-deficient`)
  if (reference.rank > 0 && reference.rank < width)
    badges.push(
      `the reference's covariance is rank-deficient: rank ${reference.rank} in ${width} dimensions${reference.n === undefined ? '' : `, ${reference.n} images`}`,
    )
  if (measures('isc') && protocol.splits) {
    const { splits } = protocol
    const each = 'size' in splits ? Math.min(n, splits.size) : Math.floor(n / splits.parts)
    if (each > 0 && each < PUBLISHED_SPLIT)
      badges.push(
        `Inception Score: ${each} images in a split, so it cannot exceed ${each} (published: ${PUBLISHED_SPLIT.toLocaleString('en')})`,
      )
  }
  if (measures('prc') && reference.n !== undefined && Math.min(n, reference.n) < LEAST_FOR_MANIFOLDS)
    badges.push(`precision and recall depend on the numbers of images: ${n} samples, ${reference.n} real`)
  if (measures('prc') && protocol.name === 'torch-fidelity')
    badges.push('precision and recall: of Inception features; torch-fidelity uses VGG-16 fc2_relu')
  if (found.isTokenizer) badges.push("features of the tokenizer's own encoder")
  return [...badges, ...classBadges(found), ...found.notes]
}

function classBadges({ protocol, classes, matched }: Circumstances): string[] {
  const badges: string[] = []
  const counts = [...classCounts(classes ?? []).values()]
  if (counts.length > 0 && Math.min(...counts) !== Math.max(...counts))
    badges.push(`unbalanced classes: ${Math.min(...counts)} to ${Math.max(...counts)} samples each`)
  const inOrder = protocol.splits !== undefined && 'size' in protocol.splits
  if (inOrder && counts.length > 1 && classes && isSorted(classes))
    badges.push('samples are sorted by class, but this protocol uses consecutive splits: shuffle them first')
  for (const [images, others, words] of matched
    ? ([
        [matched.reference, matched.samples, 'real images are of classes that the samples do not have'],
        [matched.samples, matched.reference, 'samples are of classes that the reference does not have'],
      ] as const)
    : []) {
    const there = new Set(others)
    const without = images.filter((label) => !there.has(label)).length
    if (without > 0) badges.push(`${without} of ${images.length} ${words}`)
  }
  return badges
}

function classCounts(classes: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const label of classes) counts.set(label, (counts.get(label) ?? 0) + 1)
  return counts
}

const isSorted = (values: readonly number[]) => values.every((value, i) => i === 0 || value >= values[i - 1]!)
