// Caveats for comparing a measurement with published values.
import type { Protocol } from '../../metrics/index.ts'

const PUBLISHED_COUNT = 50_000

export interface Circumstances {
  readonly protocol: Protocol
  /** Samples. */
  readonly n: number
  /** Of the features that the Frechet distance compares. */
  readonly width: number
  readonly classes: readonly number[] | undefined
  /** Metrics that were left out, lossy files. */
  readonly notes: readonly string[]
}

export function badgesOf({ protocol, n, width, classes, notes }: Circumstances): string[] {
  const badges: string[] = []
  if (n < PUBLISHED_COUNT)
    badges.push(`n = ${n}: published values use ${PUBLISHED_COUNT.toLocaleString('en')} samples`)
  if (n <= width) badges.push(`n = ${n} samples for ${width} dimensions: the covariance is rank-deficient`)
  const counts = [...classCounts(classes ?? []).values()]
  if (counts.length > 0 && Math.min(...counts) !== Math.max(...counts))
    badges.push(`unbalanced classes: ${Math.min(...counts)} to ${Math.max(...counts)} samples each`)
  const inOrder = protocol.splits !== undefined && 'size' in protocol.splits
  if (inOrder && counts.length > 1 && classes && isSorted(classes))
    badges.push('samples are sorted by class, but this protocol uses consecutive splits: shuffle them first')
  return [...badges, ...notes]
}

function classCounts(classes: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const label of classes) counts.set(label, (counts.get(label) ?? 0) + 1)
  return counts
}

const isSorted = (values: readonly number[]) => values.every((value, i) => i === 0 || value >= values[i - 1]!)
