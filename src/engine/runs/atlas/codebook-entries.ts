// A codebook of the model set (K-Means or VQGAN) -> its entries in memory, and the nearest neighbours of each.
import { entriesOf } from '../../../shared/grid/layout.ts'
import { ModelError } from '../../../shared/errors.ts'
import type { TensorView } from '../../checkpoint/index.ts'
import { graphToOnnx } from '../../graph/index.ts'
import { neighbours } from '../../models/neighbours.ts'
import { openSession, tensor, type Provider } from '../../session/index.ts'
import { readFinite } from '../../model-set/finite-tensor.ts'
import { vqganKindOf } from '../../model-set/generators/match.ts'
import type { OpenModels, OpenVqgan } from '../../model-set/open-models.ts'
import { VQGAN_KINDS, vqganKind } from '../../models/vqgan-kinds.ts'
import { inBatches } from '../../devices/batches.ts'

export interface CodebookEntries {
  /** [K, D] */
  readonly entries: Float32Array
  readonly K: number
  readonly D: number
  /** sha256 of its file. */
  readonly sha256: string
  readonly path: string
}

/**
 * The entries that a layer's tokens are numbers of, at length 1 where they are compared so.
 * @param made sha256 of the VQGAN that made the codes, if known
 */
export async function readCodebook(
  models: OpenModels,
  layer: string,
  made?: string,
): Promise<CodebookEntries> {
  if (entriesOf(layer) === 'codes') {
    const { file, tensors } = await vqganOf(models, made)
    const view = tensors.get('quantize.embedding.weight')
    const [K = 0, D = 0] = view.shape
    const stored = await floats(view, file.path)
    const entries = VQGAN_KINDS[vqganKind(tensors)].unitCodes ? atLengthOne(stored, D) : stored
    return { entries, K, D, sha256: file.sha256, path: file.path }
  }
  const { file, centroids, transposed, codes: K, width: D } = await models.open('codebook')
  const stored = await floats(centroids, file.path)
  const entries = transposed
    ? Float32Array.from(stored, (_, i) => stored[(i % D) * K + Math.floor(i / D)]!)
    : stored
  return { entries, K, D, sha256: file.sha256, path: file.path }
}

/** The VQGAN with this hash; else DiGIT's, or the only tokenizer of the models. Throws ModelError if there is none. */
export async function vqganOf(models: OpenModels, sha256: string | undefined): Promise<OpenVqgan> {
  const { files } = models.modelSet
  const all = files.filter((file) => file.problem === undefined && vqganKindOf(file) !== undefined)
  const made = all.find((file) => file.sha256 === sha256)
  if (made) return models.tokenizer({ name: made.id })
  const [only, ...others] = all
  return models.has('vqgan') || !only || others.length > 0
    ? models.open('vqgan')
    : models.tokenizer({ name: only.id })
}

/** As torch.nn.functional.normalize. */
function atLengthOne(rows: Float32Array, D: number): Float32Array {
  const out = new Float32Array(rows.length)
  for (let from = 0; from < rows.length; from += D) {
    const row = rows.subarray(from, from + D)
    const length = Math.max(Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)), 1e-12)
    out.set(
      row.map((value) => value / length),
      from,
    )
  }
  return out
}

async function floats(view: TensorView, file: string): Promise<Float32Array> {
  const values = await readFinite(view, file)
  if (values instanceof Float32Array) return values
  throw new ModelError(`${file}: ${view.name} is ${view.dtype}, expected a floating-point type`)
}

export interface NearestEntries {
  /** [K, count]; -1 if there are fewer. */
  readonly entries: Int32Array
  /** [K, count]: squared L2, or 1 - cosine. */
  readonly distances: Float32Array
}

/** Bytes of scores computed at once. */
const SCORE_BYTES = 2 ** 27

/** The `count` nearest entries of each entry, without the entry itself. */
export function nearestEntries(
  codebook: CodebookEntries,
  by: 'l2' | 'cosine',
  count: number,
  provider: Provider,
): Promise<NearestEntries> {
  return nearestOf(codebook, codebook, by, count, provider)
}

/** For each entry of `asked`, the nearest of `others` by L2: [K]. The codebooks must have the same width. */
export async function nearestAcross(
  asked: CodebookEntries,
  others: CodebookEntries,
  provider: Provider,
): Promise<Int32Array> {
  return (await nearestOf(asked, others, 'l2', 1, provider)).entries
}

async function nearestOf(
  asked: CodebookEntries,
  others: CodebookEntries,
  by: 'l2' | 'cosine',
  count: number,
  provider: Provider,
): Promise<NearestEntries> {
  const { K, D } = asked
  const isItself = (row: number, entry: number) => asked === others && row === entry
  const found = Math.min(asked === others ? count + 1 : count, others.K)
  const session = await openSession(graphToOnnx(neighbours(D, found, by)), { provider })
  const nearest = { entries: new Int32Array(K * count).fill(-1), distances: new Float32Array(K * count) }
  const entries = tensor('f32', others.entries, [others.K, D])
  try {
    await inBatches(K, Math.max(1, Math.floor(SCORE_BYTES / 4 / others.K)), async (from, to) => {
      const rows = tensor('f32', asked.entries.subarray(from * D, to * D), [to - from, D])
      const { index, distance } = await session.run({ rows, entries })
      const indices = Int32Array.from(index!.data as BigInt64Array, Number)
      const distances = distance!.data as Float32Array
      for (let row = 0; row < to - from; row++) {
        let at = (from + row) * count
        const end = at + count
        for (let i = row * found; i < (row + 1) * found && at < end; i++) {
          if (isItself(from + row, indices[i]!)) continue
          nearest.entries[at] = indices[i]!
          nearest.distances[at++] = Math.max(0, distances[i]!)
        }
      }
      return []
    })
    return nearest
  } finally {
    await session.close()
  }
}
