// The images of a reference -> the floor of a measurement: what its metrics give for real images against other real ones.
//   CACHE/features-DIGEST/floor-PROTOCOL-nN.json   beside the features of the reference that it was computed from
import { join } from 'node:path'
import { FLOOR_REPEATS, FloorSchema, type Floor } from '../../../shared/evaluation/floor.ts'
import { randomState, ranges, rowsInMemory, type FeatureRows, type Protocol } from '../../metrics/index.ts'
import { readCachedJson, writeCachedJson } from '../../model-set/cache.ts'
import { measure, type MeasureOptions } from './measure.ts'

const SEED = 0
/** Real images on either side: features of 50,000 images and 2048 dimensions take 400 MB. */
const MOST = 50_000
/** Fewer leave no neighborhoods and no covariance on a side. */
const LEAST_ON_A_SIDE = 10
/** To be increased when the same features give another floor. */
const FLOOR_VERSION = 1

type Layers = Readonly<Record<string, FeatureRows>>

/**
 * `n` images of the reference in the place of the samples and the others in the place of the reference, at random, ten
 * times. Where the reference has fewer than 2 n images, two halves of it. Undefined where a half has fewer than 10.
 * @param folder of the features of the reference, where the floor is kept
 */
export async function referenceFloor(
  real: Layers,
  n: number,
  protocol: Protocol,
  folder: string,
  options: Omit<MeasureOptions, 'confidence'>,
): Promise<Floor | undefined> {
  const { count } = real.features!
  const own = Math.min(n, MOST, Math.floor(count / 2))
  if (own < LEAST_ON_A_SIDE) return undefined
  const path = join(folder, `floor-${protocol.name}-n${own}-v${FLOOR_VERSION}.json`)
  const known = FloorSchema.safeParse(await readCachedJson(path))
  if (known.success) return known.data
  const floor = await dividedReference(real, own, protocol, options)
  await writeCachedJson(path, floor)
  return floor
}

/** The floor of `n` images, computed. */
export async function dividedReference(
  real: Layers,
  n: number,
  protocol: Protocol,
  { note, ...work }: Omit<MeasureOptions, 'confidence'>,
): Promise<Floor> {
  const { count } = real.features!
  const m = Math.min(MOST, count - n)
  // The Inception Score has no reference, and so no floor.
  const compared = { ...protocol, metrics: protocol.metrics.filter((metric) => metric !== 'isc') }
  const found: Record<string, number[]> = {}
  for (let repeat = 0; repeat < FLOOR_REPEATS; repeat++) {
    const order = randomState(SEED + repeat).permutation(count)
    const side = async (from: number, to: number) => rowsOf(real, order.slice(from, to))
    const { results } = await measure(
      { samples: await side(0, n), reference: await side(n, n + m), statistics: {}, classes: undefined },
      compared,
      {
        ...work,
        confidence: false,
        valuesOnly: true,
        note: (words) => note(`floor, division ${repeat + 1} of ${FLOOR_REPEATS}: ${words}`),
      },
    )
    for (const [name, value] of Object.entries(results))
      if (!name.endsWith('_std')) (found[name] ??= []).push(value)
  }
  return {
    n,
    m,
    repeats: FLOOR_REPEATS,
    seed: SEED,
    results: Object.fromEntries(Object.entries(found).map(([name, values]) => [name, meanAndStd(values)])),
  }
}

function meanAndStd(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, std: Math.sqrt(squares / (values.length - 1)) }
}

/** These rows of the compared layers, in memory, since the metrics read them several times. */
async function rowsOf(layers: Layers, numbers: Int32Array): Promise<Layers> {
  const sorted = numbers.slice().sort()
  const taken: Record<string, FeatureRows> = {}
  for (const [name, rows] of Object.entries(layers)) {
    if (name === 'logits') continue
    const { width } = rows
    const values = new Float32Array(sorted.length * width)
    let at = 0
    for (const [from, to] of ranges(rows.count)) {
      const block = await rows.read(from, to)
      for (; at < sorted.length && sorted[at]! < to; at++)
        values.set(block.subarray((sorted[at]! - from) * width, (sorted[at]! - from + 1) * width), at * width)
    }
    taken[name] = rowsInMemory(values, width)
  }
  return taken
}
