// When a verdict compares its numbers (a look), and how much error each look may spend.

/** Probability of calling any setting better than an equal one, over all looks and all pairs. */
export const ERROR_RATE = 0.05
/** Images of each setting at the first look; each further look has twice as many. */
export const FIRST_LOOK = 64
/** With fewer images, the error of a distance cannot be estimated. */
export const LEAST_IMAGES = 24
/** All are compared with all. */
export const MOST_SETTINGS = 8

/** Images of the next look after one at `done` images: 64, 128, 256, ... and the budget; undefined at the budget. */
export function nextLook(done: number, budget: number): number | undefined {
  if (done >= budget) return undefined
  let next = FIRST_LOOK
  while (next <= done) next *= 2
  return Math.min(next, budget)
}

/**
 * Level of each interval at a look (1, 2, ...). The shares 1 / (look (look + 1)) add up to 1 however many looks there are,
 * so a budget can be raised later; pairs share a look's part equally (Bonferroni).
 */
export const levelOfLook = (look: number, pairs: number): number => ERROR_RATE / (look * (look + 1)) / pairs

/** Pairs of so many settings. */
export const pairsOf = (settings: number): number => (settings * (settings - 1)) / 2
