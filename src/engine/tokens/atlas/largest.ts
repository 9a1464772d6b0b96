// Counts of entries -> the few largest, without sorting them all.

/** A tally of entries that is emptied in the time it took to fill it. */
export interface Tally {
  add(entry: number): void
  /** The `count` entries of highest score, ties by number: [entry, tally, entry, tally, ...], -1 and 0 where none is left. */
  largest(count: number, score?: (entry: number, tally: number) => number): Int32Array
  clear(): void
}

/** @param K entries are 0 to K - 1 */
export function tallyOf(K: number): Tally {
  const tallies = new Uint32Array(K)
  const touched = new Uint32Array(K)
  let count = 0
  return {
    add(entry) {
      if (tallies[entry]!++ === 0) touched[count++] = entry
    },
    largest(size, score = (_, tally) => tally) {
      const [entries, scores] = [new Int32Array(size).fill(-1), new Float64Array(size).fill(-Infinity)]
      for (let i = 0; i < count; i++)
        insert(entries, scores, touched[i]!, score(touched[i]!, tallies[touched[i]!]!))
      const pairs = new Int32Array(2 * size)
      entries.forEach((entry, i) => pairs.set([entry, entry < 0 ? 0 : tallies[entry]!], 2 * i))
      return pairs
    },
    clear() {
      for (let i = 0; i < count; i++) tallies[touched[i]!] = 0
      count = 0
    },
  }
}

/** Keeps scores in falling order; what falls off the end is gone. */
function insert(entries: Int32Array, scores: Float64Array, entry: number, score: number): void {
  const comesBefore = (at: number) => score > scores[at]! || (score === scores[at]! && entry < entries[at]!)
  let at = scores.length - 1
  if (score === -Infinity || !comesBefore(at)) return
  for (; at > 0 && comesBefore(at - 1); at--) {
    scores[at] = scores[at - 1]!
    entries[at] = entries[at - 1]!
  }
  scores[at] = score
  entries[at] = entry
}
