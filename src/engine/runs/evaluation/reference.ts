// A reference: statistics read from an .npz of ADM, pytorch-fid or clean-fid, or written as ADM's evaluator reads them.
import { FormatError, RequestError } from '../../../shared/errors.ts'
import { openFile, readNpz, readZip, type NpyArray } from '../../bytes/index.ts'
import { matrix, type Matrix, type Statistics } from '../../metrics/index.ts'

/** Statistics of a file: `features` from mu and sigma, `spatial` from mu_s and sigma_s if present. */
export interface ReferenceStatistics {
  readonly features: Statistics
  readonly spatial?: Statistics
  /** The file also contains images, for precision and recall. */
  readonly hasImages: boolean
}

/** Any float type is converted to float64. Throws FormatError for arrays that do not match. */
export async function readReference(path: string): Promise<ReferenceStatistics> {
  const source = await openFile(path)
  try {
    const names = [...(await readZip(source)).keys()]
    const has = (name: string) => names.includes(`${name}.npy`)
    const pair = async (mu: string, sigma: string): Promise<Statistics> => {
      if (!has(sigma)) throw new FormatError(source.name, `array ${mu} without ${sigma}`)
      const arrays = await readNpz(source, [mu, sigma])
      return statisticsOf(source.name, arrays.get(mu)!, arrays.get(sigma)!, [mu, sigma])
    }
    const features = await pair('mu', 'sigma')
    const hasImages = has('arr_0')
    return has('mu_s')
      ? { features, spatial: await pair('mu_s', 'sigma_s'), hasImages }
      : { features, hasImages }
  } finally {
    await source.close()
  }
}

function statisticsOf(
  place: string,
  mu: NpyArray,
  sigma: NpyArray,
  [muName, sigmaName]: readonly [string, string],
): Statistics {
  const D = mu.data.length
  if (mu.shape.length !== 1 || sigma.shape.length !== 2 || sigma.shape.some((side) => side !== D))
    throw new FormatError(
      place,
      `wrong shapes: ${muName} [${mu.shape.join(', ')}], ${sigmaName} [${sigma.shape.join(', ')}] (expected [D] and [D, D])`,
    )
  const statistics = {
    mean: toFloat64(mu.data),
    covariance: matrix(D, D, toFloat64(sigma.data)),
  }
  for (const [name, values] of [
    [muName, statistics.mean],
    [sigmaName, statistics.covariance.data],
  ] as const) {
    const odd = values.findIndex((value) => !Number.isFinite(value))
    if (odd >= 0) throw new FormatError(place, `${name} contains ${values[odd]} at element ${odd}`)
  }
  checkCovariance(place, sigmaName, statistics.covariance)
  return statistics
}

/** 64-bit integers one by one, anything else at once. */
const toFloat64 = (data: NpyArray['data']): Float64Array<ArrayBuffer> =>
  data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Float64Array.from(data, Number)
    : new Float64Array(data)

/**
 * Tolerance for symmetry, relative to the largest variance: rounding of float32 statistics or of sums in another order.
 */
const ROUNDING = 1e-4

/** Throws FormatError for a matrix that cannot be a covariance: not symmetric, or with a variance below zero. */
function checkCovariance(place: string, name: string, { rows: D, data }: Matrix): void {
  const variance = (i: number) => data[i * D + i]!
  let most = 0
  for (let i = 0; i < D; i++) most = Math.max(most, Math.abs(variance(i)))
  for (let i = 0; i < D; i++) {
    if (variance(i) < -ROUNDING * most)
      throw new FormatError(place, `${name}: negative variance (found ${variance(i)} at [${i}, ${i}])`)
    for (let j = 0; j < i; j++) {
      const [below, above] = [data[i * D + j]!, data[j * D + i]!]
      if (Math.abs(below - above) > ROUNDING * most)
        throw new FormatError(
          place,
          `${name}: not symmetric (found ${below} at [${i}, ${j}] and ${above} at [${j}, ${i}])`,
        )
    }
  }
}

/** Throws RequestError if the statistics have other dimensions than the features. */
export function checkDimensions(path: string, { mean }: Statistics, width: number, extractor: string): void {
  if (mean.length !== width)
    throw new RequestError(
      `${path}: wrong dimensions for ${extractor} features (found ${mean.length}, expected ${width})`,
    )
}
