// A K-Means training <-> one .npz, from which it resumes after any iteration with identical results.
import { FormatError } from '../../../shared/errors.ts'
import { firstNotFinite } from '../../../shared/finite.ts'
import { openFile, readNpz, writeNpz } from '../../bytes/index.ts'
import type { Training } from './train.ts'

/** Throws RequestError if the file cannot be written. */
export async function writeTraining(path: string, training: Training, K: number): Promise<void> {
  const { restarts, centroids, best } = training
  const shape = [K, centroids.length / K]
  const all = restarts.flat()
  await writeNpz(path, {
    centroids: { data: centroids, shape },
    ...(best
      ? { best: { data: best.centroids, shape }, best_restart: { data: Int32Array.of(best.restart) } }
      : {}),
    iterations: { data: Int32Array.from(restarts, ({ length }) => length) },
    objective: { data: Float64Array.from(all, ({ objective }) => objective) },
    imbalance: { data: Float64Array.from(all, ({ imbalance }) => imbalance) },
    splits: { data: Int32Array.from(all, ({ splits }) => splits) },
  })
}

/** Throws FormatError if the file is damaged. */
export async function readTraining(path: string): Promise<Training> {
  const source = await openFile(path)
  try {
    const arrays = await readNpz(source)
    const numbers = (name: string): number[] => {
      const array = arrays.get(name)
      if (!array) throw new FormatError(source.name, `array ${name}: missing`)
      return Array.from(array.data, Number)
    }
    const floats = (name: string): Float32Array => {
      const data = arrays.get(name)?.data
      if (!(data instanceof Float32Array)) throw new FormatError(source.name, `array ${name}: not float32`)
      const wrong = firstNotFinite(data)
      if (wrong >= 0)
        throw new FormatError(
          source.name,
          `array ${name}: not finite (found ${data[wrong]} at element ${wrong})`,
        )
      return data
    }
    const [objective, imbalance, splits] = [numbers('objective'), numbers('imbalance'), numbers('splits')]
    let at = 0
    const restarts = numbers('iterations').map((count) =>
      Array.from({ length: count }, () => ({
        objective: objective[at]!,
        imbalance: imbalance[at]!,
        splits: splits[at++]!,
      })),
    )
    return {
      restarts,
      centroids: floats('centroids'),
      ...(arrays.has('best')
        ? { best: { restart: numbers('best_restart')[0]!, centroids: floats('best') } }
        : {}),
    }
  } finally {
    await source.close()
  }
}
