// Usage of each entry in two data sets -> the difference by entry and in total.
import type { UsageComparison } from '../../../shared/atlas/atlas.ts'

/** Added to every count before logarithms, so that they are finite for unused entries. */
const SMOOTHING = 0.5

/** @param a cells with each entry in A, [K] @param b the same in B */
export function compareUsage(a: ArrayLike<number>, b: ArrayLike<number>): UsageComparison {
  const K = a.length
  if (b.length !== K) throw new RangeError(`numbers of entries differ (${K} and ${b.length})`)
  const [shareA, shareB] = [shares(a, 0), shares(b, 0)]
  const [smoothA, smoothB] = [shares(a, SMOOTHING), shares(b, SMOOTHING)]
  const logRatio = new Float32Array(K)
  let [variation, shannon, ab, ba, onlyA, onlyB, neither] = [0, 0, 0, 0, 0, 0, 0]
  for (let k = 0; k < K; k++) {
    const [p, q] = [shareA[k]!, shareB[k]!]
    const middle = (p + q) / 2
    variation += Math.abs(p - q) / 2
    shannon += (term(p, middle) + term(q, middle)) / 2
    ab += term(smoothA[k]!, smoothB[k]!)
    ba += term(smoothB[k]!, smoothA[k]!)
    const isUsed = p > 0 || q > 0
    // Half a cell over the sizes of the two sets says nothing about the entry.
    logRatio[k] = isUsed ? Math.log2(smoothB[k]! / smoothA[k]!) : NaN
    if (!isUsed) neither++
    else if (q === 0) onlyA++
    else if (p === 0) onlyB++
  }
  return {
    jensenShannon: shannon,
    totalVariation: variation,
    kullbackLeibler: { ofAFromB: ab, ofBFromA: ba },
    logRatio,
    onlyA,
    onlyB,
    neither,
  }
}

const term = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q))

function shares(counts: ArrayLike<number>, added: number): Float64Array {
  let total = 0
  for (let k = 0; k < counts.length; k++) total += counts[k]! + added
  return Float64Array.from(counts, (count) => (total === 0 ? 0 : (count + added) / total))
}
