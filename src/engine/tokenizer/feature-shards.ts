// Features on disk, .npy files of float16 or float32 [points, width], read as one list of points.
import { FormatError, RequestError } from '../../shared/errors.ts'
import { firstNotFinite } from '../../shared/finite.ts'
import { ELEMENTS, openFile, readNpyHeader, type NpyHeader, type Source } from '../bytes/index.ts'

export interface FeaturePoints {
  readonly count: number
  readonly width: number
  /** The points with these numbers, in the given order: [numbers.length, width]. */
  gather(numbers: ArrayLike<number>): Promise<Float32Array>
  /** The points marked in `wanted` (all if absent), in order, at most `batch` at a time. */
  batches(batch: number, wanted?: Uint8Array): AsyncIterable<Float32Array>
  close(): Promise<void>
}

interface Shard {
  readonly path: string
  readonly source: Source
  readonly header: NpyHeader
  /** Number of its first point. */
  readonly first: number
  readonly points: number
}

/** Bytes read at once. */
const READ_BYTES = 2 ** 24

/** Opens the files as one. Throws RequestError if one is not such an array or has another width. */
export async function openFeatures(paths: readonly string[]): Promise<FeaturePoints> {
  const shards: Shard[] = []
  const close = async () => {
    for (const { source } of shards) await source.close()
  }
  try {
    let first = 0
    for (const path of paths) {
      const source = await openFile(path)
      const header = await readNpyHeader(source).catch(async (error: Error) => {
        await source.close()
        throw error
      })
      const [points = 0, width = 0] = header.shape
      shards.push({ path, source, header, first, points })
      first += points
      const inOrder = header.strides[1] === 1 || width === 1
      const isFloat = header.type === 'f16' || header.type === 'f32'
      if (header.shape.length !== 2 || !isFloat || !inOrder || width === 0)
        throw new RequestError(
          `${path}: found ${header.type} [${header.shape.join(', ')}], expected float16 or float32 [points, width] in C order`,
        )
      if (width !== shards[0]!.header.shape[1])
        throw new RequestError(
          `${path}: width ${width} differs from ${paths[0]} (${shards[0]!.header.shape[1]})`,
        )
    }
    const width = shards[0]?.header.shape[1]
    if (width === undefined || first === 0) throw new RequestError(`${paths.join(', ')}: contains no points`)
    return { count: first, width, ...readers(shards, width), close }
  } catch (error) {
    await close()
    throw error
  }
}

function readers(shards: readonly Shard[], width: number): Pick<FeaturePoints, 'gather' | 'batches'> {
  return {
    async gather(numbers) {
      const rows = new Float32Array(numbers.length * width)
      for (let i = 0; i < numbers.length; i++) {
        const number = numbers[i]!
        const shard = shards.find(({ first, points }) => number >= first && number < first + points)
        if (!shard) throw new RangeError(`point ${number} not found`)
        rows.set(await readPoints(shard, number - shard.first, 1), i * width)
      }
      return rows
    },
    async *batches(batch, wanted) {
      let rows = new Float32Array(batch * width)
      let filled = 0
      for (const shard of shards) {
        const step = Math.max(1, Math.floor(READ_BYTES / (4 * width)))
        for (let from = 0; from < shard.points; from += step) {
          const count = Math.min(step, shard.points - from)
          const first = shard.first + from
          if (wanted && !wanted.subarray(first, first + count).includes(1)) continue
          const points = await readPoints(shard, from, count)
          for (let i = 0; i < points.length; i += width) {
            if (wanted && wanted[first + i / width] === 0) continue
            rows.set(points.subarray(i, i + width), filled * width)
            if (++filled < batch) continue
            yield rows
            rows = new Float32Array(batch * width)
            filled = 0
          }
        }
      }
      if (filled > 0) yield rows.subarray(0, filled * width)
    },
  }
}

/** Throws FormatError for NaN and infinity, which would make every centroid NaN. */
async function readPoints(
  { path, source, header }: Shard,
  from: number,
  count: number,
): Promise<Float32Array> {
  const { size, decode } = ELEMENTS[header.type]
  const width = header.shape[1]!
  const pointBytes = width * size
  const start = header.dataStart + from * pointBytes
  const values = decode(await source.read(start, start + count * pointBytes))
  const wrong = firstNotFinite(values as Float32Array)
  if (wrong >= 0)
    throw new FormatError(
      path,
      `not finite (found ${values[wrong]} at [${from + Math.floor(wrong / width)}, ${wrong % width}])`,
    )
  return values instanceof Float32Array ? values : Float32Array.from(values, Number)
}
