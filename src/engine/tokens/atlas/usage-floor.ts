// Tokens of real images and of samples -> the divergence of their usage beside that of as many real images: what two
// halves of one set differ by is chance.
import type { UsageFloor } from '../../../shared/atlas/atlas.ts'
import { mersenneTwister } from '../../../shared/mersenne-twister.ts'
import { compareUsage } from './compare-usage.ts'
import type { ImageTokens } from './usage-interval.ts'

/** Random divisions of the real images, over which divergences are averaged. */
const DIVISIONS = 5
const SEED = 0

/** Undefined for fewer than 4 real images or 2 samples. */
export function usageFloor(real: ImageTokens, samples: ImageTokens, K: number): UsageFloor | undefined {
  const [all, own] = [real.tokens.length / real.cells, samples.tokens.length / samples.cells]
  const n = Math.min(own, Math.floor(all / 2))
  if (n < 2) return undefined
  const next = mersenneTwister(SEED)
  const drawn = { samples: [0, 0], real: [0, 0] }
  for (let division = 0; division < DIVISIONS; division++) {
    const order = shuffled(all, next)
    const others = countsOf(real, order.slice(n), K)
    for (const [name, counts] of [
      ['samples', countsOf(samples, shuffled(own, next).slice(0, n), K)],
      ['real', countsOf(real, order.slice(0, n), K)],
    ] as const) {
      const { jensenShannon, totalVariation } = compareUsage(others, counts)
      drawn[name][0]! += jensenShannon / DIVISIONS
      drawn[name][1]! += totalVariation / DIVISIONS
    }
  }
  return {
    n,
    m: all - n,
    jensenShannon: { samples: drawn.samples[0]!, real: drawn.real[0]! },
    totalVariation: { samples: drawn.samples[1]!, real: drawn.real[1]! },
  }
}

function shuffled(count: number, next: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((next() / 2 ** 32) * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

function countsOf({ tokens, cells }: ImageTokens, images: readonly number[], K: number): Float64Array {
  const counts = new Float64Array(K)
  for (const image of images)
    for (let at = image * cells; at < (image + 1) * cells; at++)
      counts[tokens[at]!] = counts[tokens[at]!]! + 1
  return counts
}
