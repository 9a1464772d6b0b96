// A finished image and one of its cells -> the model that sampled it, and the input that this model saw.
import type { WeightBits } from '../../shared/run/precision.ts'
import type { GridName } from '../../shared/grid/layout.ts'
import { basename } from 'node:path'
import { FAMILIES } from '../../shared/generators/families.ts'
import { ModelError, RequestError } from '../../shared/errors.ts'
import { shortHash } from '../../shared/models/model-hash.ts'
import type { CellInput } from '../../shared/run/attention.ts'
import { graphToOnnx, type Graph } from '../graph/index.ts'
import { EOS, SPECIALS, UNK } from '../models/transformer-config.ts'
import type { TransformerModel } from '../models/transformer-graphs.ts'
import { openSession, type Session } from '../session/index.ts'
import { isDrawn, type DrawnGrid } from '../tokens/grid.ts'
import type { ImageRecord, StageRecipe } from '../records/image-record.ts'
import type { OpenModels, OpenTransformer } from '../model-set/open-models.ts'
import type { Lease } from '../devices/network-pool.ts'
import { firstIds, prefixIds, weighted } from '../decoding/open-decoder.ts'
import { providerOf } from './recorded-generator.ts'

/** The sequence that the model sees, and the position in it that predicts the cell. */
export interface SeenCell {
  readonly ids: readonly number[]
  readonly position: number
}

/**
 * A grid and the open model that sampled it. Throws RequestError for a grid that was not sampled, ModelError if other
 * models sampled it.
 */
export async function withDrawn(
  record: ImageRecord,
  grid: GridName,
  models: OpenModels,
): Promise<{ readonly model: OpenTransformer; readonly drawn: DrawnGrid }> {
  const { stage, role, drawn } = drawnBy(record, grid)
  const model = await models.open(role)
  sameModel(model, stage)
  return { model, drawn }
}

/**
 * A graph of the model with the weights of the record, on the recorded device if available. Weights stay in the mapped
 * file, because the network is used for few passes.
 */
export function openForRecord(
  what: string,
  model: OpenTransformer,
  record: ImageRecord,
  networks: Lease,
  graphOf: (model: TransformerModel) => Graph,
  /** What is kept with it. */
  bytes = 0,
): Promise<Session> {
  const { recipe } = record
  const name = `${what} ${model.file.sha256} ${model.file.prefix} ${recipe.provider} ${recipe.weightBits}`
  return networks.use(name, bytes, async () => {
    const provider = await providerOf(record)
    const graph = graphOf(await weighted(model, recipe.weightBits as WeightBits, provider))
    return openSession(graphToOnnx(graph), { provider, prepack: false })
  })
}

/**
 * The model's input when this cell of an image was sampled. A pinned code in masked decoding has the input of a fully
 * masked grid, as in its record.
 */
export function seenCell(
  model: OpenTransformer,
  record: ImageRecord,
  drawn: DrawnGrid,
  cell: number,
): SeenCell {
  const { kind } = model.config
  if (cell >= drawn.tokens.length)
    throw new RequestError(`cell: out of range (found ${cell}, expected 0 to ${drawn.tokens.length - 1})`)
  const idOf = (token: number) => token + SPECIALS
  if (kind === 'stage2-nar') {
    const prefix = prefixIds(model, record.discriminative?.tokens)
    const { tokens, steps, pinned } = drawn
    if (!steps) throw new RequestError('the record does not say at which step each code was decided')
    const isKnown = (at: number) => !pinned?.[cell] && (pinned?.[at] === 1 || steps[at]! < steps[cell]!)
    const codes = Array.from(tokens, (token, at) => (isKnown(at) ? idOf(token) : UNK))
    return { ids: [...prefix, EOS, ...codes], position: model.config.grid.cells + 1 + cell }
  }
  const prefix =
    kind === 'stage2-ar'
      ? [...prefixIds(model, record.discriminative?.tokens), EOS]
      : firstIds(model, record.class)
  const before = Array.from(drawn.tokens.subarray(0, cell), idOf)
  return { ids: [...prefix, ...before], position: prefix.length + cell - 1 }
}

/** The parts of that input, for a page. */
export function inputOf({ config }: OpenTransformer, { ids, position }: SeenCell): CellInput {
  const isStage2 = config.kind === 'stage2-ar' || config.kind === 'stage2-nar'
  const prefix = isStage2 ? config.grid.cells : 0
  return {
    cells: config.grid.cells,
    prefix,
    positions: ids.length,
    position,
    start: config.classes > 0 ? 'class' : 'symbol',
    ...(config.kind === 'stage2-nar'
      ? { masked: Uint8Array.from(ids.slice(prefix + 1), (id) => Number(id === UNK)) }
      : {}),
  }
}

/** The stage that sampled a grid, its role in the model set, and the grid. */
function drawnBy(record: ImageRecord, grid: GridName) {
  const { recipe } = record
  if (recipe.generator)
    throw new RequestError(
      `not available for images of ${FAMILIES[recipe.generator.family].title} (only for those of DiGIT's transformers)`,
    )
  const drawn = record[grid]
  const isAlone = recipe.stage1?.kind === 'vq-ar'
  const stage = grid === 'discriminative' || isAlone ? recipe.stage1 : recipe.stage2
  if (!drawn || !stage || (isAlone && grid === 'discriminative'))
    throw new RequestError(
      `the ${grid === 'codes' ? 'VQGAN codes' : 'discriminative tokens'} of this image were not sampled`,
    )
  if (!isDrawn(drawn)) throw new RequestError('the record does not say how the tokens were sampled')
  return { stage, role: roleOf(stage, record), drawn }
}

type TransformerRole = 'stage1' | 'stage1Class' | 'stage2Ar' | 'stage2Nar' | 'vqAr'

function roleOf({ kind }: StageRecipe, { class: label }: ImageRecord): TransformerRole {
  if (kind === 'vq-ar') return 'vqAr'
  if (kind === 'stage2-ar') return 'stage2Ar'
  if (kind === 'stage2-nar') return 'stage2Nar'
  return label === undefined ? 'stage1' : 'stage1Class'
}

function sameModel({ file }: OpenTransformer, { kind, sha256 }: StageRecipe): void {
  if (file.sha256 === sha256) return
  throw new ModelError(
    `this image was made with another ${kind} model (recorded ${shortHash(sha256)}, open ${shortHash(file.sha256)}: ${basename(file.path)})`,
  )
}
