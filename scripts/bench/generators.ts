// The other generators at their smallest published size, with random weights: import, time of a pass, images a second,
// memory, and the share of the machine that they use. One family at a time, in a process of its own; its files are removed
// before the next is written.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFamilyDecoder } from '../../src/engine/decoding/generators/open.ts'
import type { GeneratorImage } from '../../src/engine/decoding/generators/decoder.ts'
import { noiseOf } from '../../src/engine/decoding/generators/decoder.ts'
import type { Graph } from '../../src/engine/graph/index.ts'
import { importModels, openModels } from '../../src/engine/model-set/open-models.ts'
import type { GeneratorNetwork } from '../../src/engine/models/generators/generator.ts'
import { startsOf } from '../../src/engine/models/scale-sides.ts'
import { openPixelDecoder } from '../../src/engine/tokenizer/tokenizer.ts'
import { settingsOf, type FamilyName } from '../../src/shared/generators/families.ts'
import { graphToFlops } from './flops.ts'
import { GENERATOR_MODELS } from './generator-models.ts'
import { inChild } from './child.ts'
import { measureMachine, type Machine } from './machine.ts'
import { digits, megabytes, percent, type Row } from './table.ts'
import { inTurn, median } from './timing.ts'
import { writeTorchFile } from './torch-file.ts'

const QUICK_LAYERS = 2
/** Tokens of a grid that is drawn one after another: as many as join the cache twice. */
const RASTER_TOKENS = 64
const BATCHES = [1, 4]

interface Options {
  readonly quick: boolean
  readonly root: string
  readonly families: readonly FamilyName[]
}

/** The rows of each family. */
export async function* measureGenerators({ quick, root, families }: Options): AsyncGenerator<Row[]> {
  const { machine, rows } = await measureMachine()
  yield rows
  for (const family of families) {
    const folder = join(root, 'generators', family)
    try {
      yield await measureFamily(family, folder, machine, quick)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

async function measureFamily(
  family: FamilyName,
  folder: string,
  machine: Machine,
  quick: boolean,
): Promise<Row[]> {
  const { title, layers, files } = GENERATOR_MODELS[family]
  await mkdir(folder, { recursive: true })
  for (const [name, content] of Object.entries(files(quick ? QUICK_LAYERS : layers)))
    await writeTorchFile(join(folder, name), content)
  const cache = await mkdtemp(join(tmpdir(), 'digit-bench-'))
  try {
    const imported = await inChild('import', folder, cache)
    const drawn = await inChild('generator', folder, cache)
    return [
      {
        name: `${title}, import`,
        text: `${digits(imported.ms / 1000)} s; memory at most ${megabytes(imported.peak)}`,
        numbers: { ms: imported.ms, peak: imported.peak },
      },
      ...BATCHES.map((batch) => drawRow(family, batch, drawn.numbers!, machine)),
      {
        name: `${title}, memory`,
        text: `at most ${megabytes(drawn.peak)} with generator and tokenizer open, batch ${BATCHES.at(-1)}`,
        numbers: { peak: drawn.peak },
      },
    ]
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
}

function drawRow(
  family: FamilyName,
  batch: number,
  numbers: Readonly<Record<string, number>>,
  { bandwidth, flops }: Machine,
): Row {
  const { title, passes } = GENERATOR_MODELS[family]
  const of = (name: string) => numbers[`${name}${batch}`]!
  const pass = of('pass')
  const perSecond = (1000 * batch) / (passes * pass + of('pixels'))
  const read = (1000 * numbers.bytes!) / pass
  const rate = (1000 * of('flops')) / pass
  return {
    name: `${title}, batch ${batch}`,
    text: [
      `${digits(pass)} ms a pass`,
      `${passes} passes and ${digits(of('pixels') / batch)} ms of pixels an image`,
      `${digits(perSecond)} images/s`,
      `weights at ${digits(read / 1e9)} GB/s = ${percent(read / bandwidth)} of memory`,
      `${digits(rate / 1e9)} GFLOP/s = ${percent(rate / flops)} of the matrix product`,
    ].join(', '),
    numbers: { pass, perSecond, read, rate, memoryShare: read / bandwidth, productShare: rate / flops },
  }
}

/**
 * In a process of its own: for each batch size milliseconds of a pass and of the pixels, and operations of a pass; bytes
 * of the weights in products.
 */
export async function drawWith(folder: string): Promise<Record<string, number>> {
  const { generators } = await importModels([folder])
  const [{ family, lacks } = { family: undefined, lacks: 'no generator' }] = generators
  if (family === undefined || lacks !== undefined) throw new Error(`${folder}: ${lacks}`)
  const { isGuided, heads } = GENERATOR_MODELS[family]
  const models = await openModels([folder])
  const whole = await models.generator({ family, heads })
  // A token after another takes equally long; a masked grid has equal steps.
  const network =
    whole.network.order === 'raster' ? { ...whole.network, cells: RASTER_TOKENS } : whole.network
  const passes =
    network.order === 'raster' ? RASTER_TOKENS : network.order === 'scales' ? network.sides.length : 2
  const settings = settingsOf(family, network.order === 'masked' ? { steps: passes } : {})
  const decoder = await openFamilyDecoder({ ...whole, network }, 'cpu')
  const pixels = await openPixelDecoder(whole.vqgan, 'cpu')
  const callbacks = { signal: new AbortController().signal, onShare: () => {} }
  const numbers: Record<string, number> = { bytes: bytesOfProducts(whole.network.step()) }
  for (const batch of BATCHES) {
    const images = Array.from({ length: batch }, (_, image): GeneratorImage => ({
      image,
      label: network.classes > 0 ? image : null,
      noise: noiseOf(0, image, network.cells),
    }))
    const grids = images.map(() => new Int32Array(whole.network.cells).fill(1))
    const [drawing, decoding] = await inTurn(
      [() => decoder.draw(images, settings, callbacks), () => pixels.decode(grids)],
      batch === 1 ? 3 : 2,
    )
    numbers[`pass${batch}`] = median(drawing!) / passes
    numbers[`pixels${batch}`] = median(decoding!)
    numbers[`flops${batch}`] = flopsOfPass(whole.network, isGuided ? 2 * batch : batch)
  }
  await decoder.close()
  await pixels.close()
  await models.close()
  return numbers
}

/** Operations of a pass over so many rows, on average over those of a grid. */
function flopsOfPass(network: GeneratorNetwork, rows: number): number {
  const graph = network.step()
  if (network.order === 'masked') return graphToFlops(graph, { B: rows, T: network.cells + 1 })
  if (network.order === 'raster') return graphToFlops(graph, { B: rows, T: 1, P: RASTER_TOKENS / 2, M: 0 })
  const { sides } = network
  const all = startsOf(sides).map((P, k) => graphToFlops(graph, { B: rows, T: sides[k]! ** 2, P }))
  return all.reduce((sum, one) => sum + one, 0) / sides.length
}

/** Of the tables that a pass reads a few rows of, nothing counts. */
function bytesOfProducts({ nodes, initializers }: Graph): number {
  const factors = new Set(
    nodes.filter(({ op }) => op === 'Gemm' || op === 'MatMul').flatMap(({ inputs }) => inputs),
  )
  return initializers.reduce(
    (sum, { value, data }) => (data.kind === 'file' && factors.has(value) ? sum + data.length : sum),
    0,
  )
}
