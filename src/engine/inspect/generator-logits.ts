// A finished image of a generator of another family -> the logits from which one of its codes was drawn, recomputed from
// the same input: with guidance those that the two passes give together.
// R = rows of a pass, T = positions, E = width of a code, V = columns of the logits.
import type { CellLogits } from '../../shared/contract/api.ts'
import { ModelError } from '../../shared/errors.ts'
import { firstNotFinite } from '../../shared/finite.ts'
import { settingsOf } from '../../shared/generators/families.ts'
import type { GeneratorSettings } from '../../shared/generators/settings.ts'
import { guided, rowLabels, rowsOf } from '../decoding/generators/decoder.ts'
import { rasterRule, scalesRule } from '../decoding/generators/rules.ts'
import type { Lease } from '../devices/network-pool.ts'
import { graphToOnnx, type Graph } from '../graph/index.ts'
import type { OpenGenerator, OpenModels } from '../model-set/open-models.ts'
import type { CausalNetwork, ScalesNetwork } from '../models/generators/generator.ts'
import { startsOf } from '../models/scale-sides.ts'
import { scaleMaps } from '../models/scales.ts'
import { inferVqganConfig } from '../models/vqgan-config.ts'
import type { ImageRecord } from '../records/image-record.ts'
import { openSession, tensor, type Provider } from '../session/index.ts'
import { codeOf, type DrawnCode, type WeighedLogits } from './drawn-code.ts'
import { maskedLogits } from './masked-logits.ts'
import { generatorOf, providerOf } from './recorded-generator.ts'

/**
 * Of a cell of a token layer: `codes`, or a scale. With other `settings` the tokens are weighed by these, but the codes
 * that the cell was drawn after stay. Throws RequestError for a cell that is not in the record, ModelError if the models
 * are not open.
 */
export async function generatorLogits(
  record: ImageRecord,
  layer: string,
  cell: number,
  models: OpenModels,
  networks: Lease,
  settings: GeneratorSettings = {},
): Promise<CellLogits> {
  const { recipe, open } = await generatorOf(record, models)
  const { network, model } = open
  const provider = await providerOf(record)
  const { codes, at } = codeOf(record, layer, cell)
  const { family } = recipe
  const { steps } = recipe.settings
  const code: DrawnCode = {
    family,
    label: network.classes > 0 ? (record.class ?? null) : null,
    settings: recipe.settings,
    // The steps of masked decoding are those in which the codes became known.
    weighed: settingsOf(family, {
      ...recipe.settings,
      ...settings,
      ...(steps === undefined ? {} : { steps }),
    }),
    codes,
    at,
    open: (what, graph) => networks.use(nameOf(what, open, provider), 0, () => opened(graph(), provider)),
  }
  const found =
    network.order === 'raster'
      ? await rasterLogits(network, code)
      : network.order === 'masked'
        ? await maskedLogits(network, code)
        : await scaleLogits(network, open, code)
  if (firstNotFinite(found.logits) >= 0)
    throw new ModelError(`${model.file.path}: ${layer}, cell ${cell}: the logits are not finite`)
  return { ...found, logits: found.logits.slice(), specials: 0, specialsInSoftmax: true }
}

const nameOf = (what: string, { family, hints, model, vqgan }: OpenGenerator, provider: Provider) =>
  [
    what,
    family,
    JSON.stringify(hints),
    model.file.sha256,
    model.file.prefix,
    vqgan.file.sha256,
    provider,
  ].join(' ')
const opened = (graph: Graph, provider: Provider) =>
  openSession(graphToOnnx(graph), { provider, prepack: false })

/** The sequence up to the code, whose last position predicts it. */
async function rasterLogits(network: CausalNetwork, code: DrawnCode): Promise<WeighedLogits> {
  const { vocabulary: V, conditioned } = network
  const { family, label, weighed, codes, at } = code
  const { token, guidance } = rasterRule(family, weighed, network.cells)
  const starts = rowLabels([{ label }], guidance !== undefined).map((one) => network.start(one))
  const ids = starts.map((start) => [...start, ...codes.tokens.subarray(0, at)])
  const [R, T] = [ids.length, ids[0]!.length]
  const session = await code.open('pass', () => network.pass())
  const { logits } = await session.run({
    ids: tensor('i64', ids.flat(), [R, T]),
    ...(conditioned
      ? {
          condition: tensor(
            'i64',
            starts.map((start) => start.at(-1)!),
            [R],
          ),
        }
      : {}),
  })
  const rows = rowsOf(logits!.data as Float32Array, 0, guidance !== undefined, T * V)
  return { logits: guided(rows, (T - 1) * V, V, guidance?.(at)), rule: token }
}

/** All scales up to that of the code in one pass, from the sums of those before each. */
async function scaleLogits(
  network: ScalesNetwork,
  { vqgan }: OpenGenerator,
  code: DrawnCode,
): Promise<WeighedLogits> {
  const { sides, cells, codeWidth: E, vocabulary: V } = network
  const { family, label, weighed, codes, at } = code
  const { token, guidance } = scalesRule(family, weighed, sides.length)
  const starts = startsOf(sides)
  const scale = starts.findLastIndex((start) => start <= at)
  const T = starts[scale]! + sides[scale]! ** 2
  const labels = rowLabels([{ label }], guidance !== undefined)
  const R = labels.length
  const sums = await code.open('scale maps', () => scaleMaps(vqgan.tensors, inferVqganConfig(vqgan.tensors)))
  const before = Array.from({ length: cells }, (_, i) => (i < starts[scale]! ? codes.tokens[i]! : -1))
  const { maps } = await sums.run({ codes: tensor('i64', before, [1, cells]) })
  // The first grid reads no map.
  const seen = new Float32Array(R * T * E)
  for (let row = 0; row < R; row++)
    seen.set((maps!.data as Float32Array).subarray(0, (T - 1) * E), (row * T + 1) * E)
  const session = await code.open('pass', () => network.pass())
  const { logits } = await session.run({
    maps: tensor('f32', seen, [R, T, E]),
    condition: tensor(
      'i64',
      labels.map((one) => network.condition(one)),
      [R],
    ),
  })
  const rows = rowsOf(logits!.data as Float32Array, 0, guidance !== undefined, T * V)
  return { logits: guided(rows, at * V, V, guidance?.(scale)), rule: token }
}
