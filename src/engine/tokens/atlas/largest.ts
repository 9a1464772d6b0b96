// Counts of entries -> the largest few, without sorting all.

/**
 * The `size` entries of highest score among those counted, ties by number: [entry, count, entry, count, ...], padded
 * with -1 and 0. Entries with score -Infinity are left out.
 * @param score of an entry and its count @default the count
 */
export function largest(
  counts: Uint32Array,
  size: number,
  score: (entry: number, count: number) => number = (_, count) => count,
): Int32Array {
  const entries = new Int32Array(size).fill(-1)
  const scores = new Float64Array(size).fill(-Infinity)
  for (let entry = 0; entry < counts.length; entry++) {
    if (counts[entry] === 0) continue
    const own = score(entry, counts[entry]!)
    // Nearly all are rejected here; of equal scores the first one wins.
    if (own > scores[size - 1]!) insert(entries, scores, entry, own)
  }
  const pairs = new Int32Array(2 * size)
  entries.forEach((entry, i) => pairs.set([entry, entry < 0 ? 0 : counts[entry]!], 2 * i))
  return pairs
}

/** Keeps scores in descending order; drops the last. */
function insert(entries: Int32Array, scores: Float64Array, entry: number, score: number): void {
  let at = scores.length - 1
  for (; at > 0 && score > scores[at - 1]!; at--) {
    scores[at] = scores[at - 1]!
    entries[at] = entries[at - 1]!
  }
  scores[at] = score
  entries[at] = entry
}
