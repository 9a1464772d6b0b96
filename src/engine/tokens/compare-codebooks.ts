// The tokens of the same images under two codebooks -> the agreement of the codebooks. K = entries of A, L = of B.
import type { CodebookComparison, CodebookUse, Matching } from '../../shared/atlas/codebooks.ts'
import { RequestError } from '../../shared/errors.ts'
import { expectedInformation } from './adjusted-information.ts'
import { entropy } from './atlas/entry.ts'
import { perplexity } from './atlas/table.ts'

export interface TokensOf {
  readonly images: number
  readonly entries: number
  /** One per cell, the same cells in both. */
  readonly tokens: Int32Array
  readonly distances?: Float32Array
}

/** Cells counted by pairs of tokens: counts[i] cells have a[i] in A and b[i] in B. */
interface Pairs {
  readonly a: Int32Array
  readonly b: Int32Array
  readonly counts: Int32Array
}

/** @param nearest of A's entries in B and of B's in A by L2, if the codebooks have the same width */
export function compareCodebooks(
  a: TokensOf,
  b: TokensOf,
  nearest?: { readonly ofA: Int32Array; readonly ofB: Int32Array },
): CodebookComparison {
  if (a.tokens.length !== b.tokens.length)
    throw new RequestError(
      `numbers of cells differ (${a.tokens.length} in ${a.images} images and ${b.tokens.length} in ${b.images})`,
    )
  const pairs = pairsOf(a.tokens, b.tokens, b.entries)
  const [useA, useB] = [countsOf(a), countsOf(b)]
  const overlap = {
    ofA: largestPartner(pairs.a, pairs.b, pairs, a.entries),
    ofB: largestPartner(pairs.b, pairs.a, pairs, b.entries),
  }
  const [entropyA, entropyB, joint] = [entropy(useA), entropy(useB), entropy(pairs.counts)]
  return {
    images: a.images,
    a: useOf(a, useA),
    b: useOf(b, useB),
    adjustedMutualInformation: adjusted(
      entropyA + entropyB - joint,
      (entropyA + entropyB) / 2,
      expectedInformation(useA, useB),
    ),
    normalisedMutualInformation:
      entropyA + entropyB === 0 ? 1 : (2 * (entropyA + entropyB - joint)) / (entropyA + entropyB),
    matchings: [
      matching('overlap', overlap, pairs, useA),
      ...(nearest ? [matching('nearest', nearest, pairs, useA)] : []),
    ],
  }
}

/** (MI - E) / (mean entropy - E): 0 for what chance gives, 1 where each token determines the other. */
const adjusted = (information: number, most: number, expected: number): number =>
  Math.abs(most - expected) < 1e-12 ? 1 : (information - expected) / (most - expected)

function matching(
  by: Matching['by'],
  { ofA, ofB }: { readonly ofA: Int32Array; readonly ofB: Int32Array },
  { a, b, counts }: Pairs,
  useA: Float64Array,
): Matching {
  const matched = new Float64Array(useA.length)
  let agreeing = 0
  for (let i = 0; i < counts.length; i++) {
    if (ofA[a[i]!] !== b[i]) continue
    matched[a[i]!] = counts[i]!
    agreeing += counts[i]!
  }
  return {
    by,
    match: ofA,
    share: Float32Array.from(matched, (count, k) => count / useA[k]!),
    mutual: ofA.reduce((sum, partner, k) => sum + Number(partner >= 0 && ofB[partner] === k), 0),
    agreement: agreeing / useA.reduce((sum, count) => sum + count, 0),
  }
}

/** Encodes each pair as one number, sorts them and counts equal ones. */
function pairsOf(a: Int32Array, b: Int32Array, L: number): Pairs {
  const keys = Float64Array.from(a, (token, i) => token * L + b[i]!).sort()
  const starts: number[] = []
  for (let i = 0; i < keys.length; i++) if (i === 0 || keys[i] !== keys[i - 1]) starts.push(i)
  return {
    a: Int32Array.from(starts, (start) => Math.floor(keys[start]! / L)),
    b: Int32Array.from(starts, (start) => keys[start]! % L),
    counts: Int32Array.from(starts, (start, i) => (starts[i + 1] ?? keys.length) - start),
  }
}

/** For each entry the partner with the most common cells, the lowest of equals; -1 if it has no cells. */
function largestPartner(own: Int32Array, partner: Int32Array, { counts }: Pairs, K: number): Int32Array {
  const best = new Int32Array(K).fill(-1)
  const most = new Int32Array(K)
  for (let i = 0; i < counts.length; i++) {
    const k = own[i]!
    const isBetter = counts[i]! > most[k]! || (counts[i] === most[k] && partner[i]! < best[k]!)
    if (!isBetter) continue
    best[k] = partner[i]!
    most[k] = counts[i]!
  }
  return best
}

function countsOf({ tokens, entries }: TokensOf): Float64Array {
  const counts = new Float64Array(entries)
  for (let i = 0; i < tokens.length; i++) counts[tokens[i]!]!++
  return counts
}

function useOf({ entries, distances }: TokensOf, counts: Float64Array): CodebookUse {
  const use = {
    entries,
    used: counts.reduce((sum, count) => sum + Number(count > 0), 0),
    perplexity: perplexity(counts),
  }
  if (!distances) return use
  let sum = 0
  for (let i = 0; i < distances.length; i++) sum += distances[i]!
  return { ...use, quantisationError: sum / distances.length }
}
