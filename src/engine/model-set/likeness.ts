// Two paths -> their similarity, so that `data/ILSVRC2012/dinov2_base_short_224_l3/km_8k.npy` is recognised
// as the `dataset/ILSVRC2012/dino_short_224_l3/km_8k.npy` that a checkpoint names.

/**
 * 0 (nothing in common) to 1 (identical): path parts are compared from the file name upwards, each counting
 * half as much as the one before.
 */
export function pathLikeness(path: string, hint: string): number {
  const parts = split(path)
  const wanted = split(hint)
  let sum = 0
  let whole = 0
  for (const [i, part] of wanted.entries()) {
    const weight = 2 ** -i
    whole += weight
    sum += weight * wordLikeness(part, parts[i] ?? '')
  }
  return whole === 0 ? 0 : sum / whole
}

const split = (path: string) =>
  path
    .toLowerCase()
    .split(/[\\/]+/)
    .filter(Boolean)
    .reverse()

/** Dice's coefficient of the letter pairs: 2 |A and B| / (|A| + |B|). */
function wordLikeness(a: string, b: string): number {
  if (a === b) return 1
  const left = letterPairs(a)
  const right = letterPairs(b)
  if (left.size + right.size === 0) return 0
  return (2 * [...left].filter((pair) => right.has(pair)).length) / (left.size + right.size)
}

const letterPairs = (word: string) =>
  new Set(Array.from({ length: Math.max(word.length - 1, 0) }, (_, i) => word.slice(i, i + 2)))
