// Features of samples and real images with classes -> what is known of each class.
import type { ClassDistance, ClassMetrics } from '../../../shared/evaluation/evaluation.ts'
import {
  frechetOfRows,
  gatherRows,
  matrix,
  randomState,
  type FeatureRows,
  type Matrix,
  type Work,
} from '../../metrics/index.ts'
import type { MatchedClasses } from './match-classes.ts'

/** Fewer images have no meaningful covariance. */
const LEAST_OF_A_CLASS = 10
/** Random divisions of a class's real images, over which its distances are averaged. */
const DIVISIONS = 5

/**
 * Every class of the samples, in numerical order.
 * @param within [samples] 1 for a sample within the manifold of all real images
 */
export async function measureClasses(
  features: FeatureRows,
  { samples, reference, names }: MatchedClasses,
  real: FeatureRows | undefined,
  within: Uint8Array | undefined,
  { note, ...work }: Work & { note(words: string): void },
): Promise<ClassMetrics[]> {
  const found: ClassMetrics[] = []
  for (const label of [...new Set(samples)].sort((a, b) => a - b)) {
    note(`class ${label}`)
    const own = numbersOf(samples, label)
    const others = numbersOf(reference ?? [], label)
    const name = names.get(label)
    const distance = real && (await classDistance(features, own, real, others, work))
    found.push({
      class: label,
      ...(name === undefined ? {} : { name }),
      n: own.length,
      ...(distance ? { distance } : {}),
      ...(within ? { precision: own.filter((i) => within[i] === 1).length / own.length } : {}),
    })
  }
  return found
}

/**
 * The distance of a few images measures above all the spread of their class, so that it says something only beside what
 * real images reach: n real images stand in for the samples, against the same m other real images. Undefined if either
 * side has fewer than `LEAST_OF_A_CLASS`.
 */
async function classDistance(
  features: FeatureRows,
  own: readonly number[],
  real: FeatureRows,
  others: readonly number[],
  work: Work,
): Promise<ClassDistance | undefined> {
  const n = Math.min(own.length, Math.floor(others.length / 2))
  const m = others.length - n
  if (n < LEAST_OF_A_CLASS) return undefined
  const random = randomState(0)
  const [mine, theirs] = [await gatherRows(features, own), await gatherRows(real, others)]
  let [ofSamples, ofReal] = [0, 0]
  for (let division = 0; division < DIVISIONS; division++) {
    const order = random.permutation(others.length)
    const other = rowsOf(theirs, order.subarray(n))
    const drawn = rowsOf(mine, random.choice(own.length, n))
    ofSamples += (await frechetOfRows(drawn, other, work)) / DIVISIONS
    ofReal += (await frechetOfRows(rowsOf(theirs, order.subarray(0, n)), other, work)) / DIVISIONS
  }
  return { n, m, samples: ofSamples, real: ofReal }
}

const numbersOf = (classes: readonly number[], label: number) =>
  [...classes.keys()].filter((i) => classes[i] === label)

function rowsOf({ columns: D, data }: Matrix, numbers: Int32Array): Matrix {
  const out = matrix(numbers.length, D)
  numbers.forEach((row, at) => out.data.set(data.subarray(row * D, (row + 1) * D), at * D))
  return out
}
