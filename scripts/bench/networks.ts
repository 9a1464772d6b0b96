// The other networks -> milliseconds per image, and the fraction of the machine's peak that they reach.
import { DIGIT_GRID } from '../../src/shared/grid/layout.ts'
import type { Graph } from '../../src/engine/graph/index.ts'
import { dinov2Config, dinov2Tokenizer } from '../../src/engine/models/dinov2.ts'
import { maskedStepGraph, stepGraph } from '../../src/engine/models/transformer-graphs.ts'
import { vqganDecoder, vqganEncoder } from '../../src/engine/models/vqgan.ts'
import { openChunkDecoder } from '../../src/engine/decoding/autoregressive.ts'
import type { OpenModels } from '../../src/engine/model-set/open-models.ts'
import { openMaskedDecoder } from '../../src/engine/decoding/masked.ts'
import {
  openPixelDecoder,
  openTokenizer,
  openVqTokenizer,
  vqganConfig,
} from '../../src/engine/tokenizer/tokenizer.ts'
import { graphToFlops } from './flops.ts'
import { prefixed, STAGE2_SAMPLING } from './sequences.ts'
import { digits, percent, type Row } from './table.ts'
import { inTurn, median } from './timing.ts'

const PREFIX = DIGIT_GRID.cells + 1
const CPU = { provider: 'cpu' } as const

interface Plan {
  readonly rounds: number
  /** Number of stage 2 tokens to decode. */
  readonly tokens: number
  /** Floating point operations per second of this machine's matrix products. */
  readonly peak: number
}

export async function measureStage2(models: OpenModels, { rounds, tokens, peak }: Plan): Promise<Row[]> {
  const ar = await models.open('stage2Ar')
  const nar = await models.open('stage2Nar')
  const rows: Row[] = []
  const decoder = await openChunkDecoder(ar, CPU)
  for (const batch of [1, 4, 16]) {
    const images = prefixed(batch, ar.config)
    const decode = (length: number) => () => decoder.decode(images, { sampling: STAGE2_SAMPLING, length })
    const ms = median((await inTurn([decode(1)], rounds))[0]!)
    const flops = graphToFlops(stepGraph(ar), { B: batch, T: PREFIX, P: 0 })
    rows.push(imageRow(`stage 2 AR, prefix, batch ${batch}`, ms, batch, flops, peak))
    const whole = median((await inTurn([decode(tokens)], 1))[0]!)
    const step = (whole - ms) / (tokens - 1)
    rows.push({
      name: `stage 2 AR, codes, batch ${batch}`,
      text: `${digits(step)} ms/step, ${digits((batch * 1000) / step)} tokens/s`,
      numbers: { step, rate: (batch * 1000) / step },
    })
  }
  await decoder.close()

  const masked = await openMaskedDecoder(nar, CPU)
  const steps = 2
  for (const batch of [1, 4]) {
    const decoding = { steps, choiceTemperature: 4.5 }
    const options = { sampling: { temperature: 1, topK: 0, topP: 0 }, decoding }
    const [times] = await inTurn([() => masked.decode(prefixed(batch, nar.config), options)], rounds)
    const flops = graphToFlops(maskedStepGraph(nar), { B: batch, T: 2 * DIGIT_GRID.cells + 1 })
    rows.push(imageRow(`stage 2 NAR, one step, batch ${batch}`, median(times!) / steps, batch, flops, peak))
  }
  await masked.close()
  return rows
}

export async function measurePictures(models: OpenModels, { rounds, peak }: Plan): Promise<Row[]> {
  const vqgan = await models.open('vqgan')
  const encoder = await models.open('encoder')
  const codebook = await models.open('codebook')
  const config = vqganConfig(vqgan)
  const side = config.resolution
  const grids = (count: number) =>
    Array.from({ length: count }, (_, image) =>
      Array.from({ length: DIGIT_GRID.cells }, (_, i) => (i * 37 + image) % config.codes),
    )
  const pictures = (count: number) =>
    Array.from({ length: count }, () => ({
      rgb: Uint8Array.from({ length: 3 * side * side }, (_, i) => (i * 31) % 256),
      width: side,
      height: side,
    }))
  const centroids = { tensor: codebook.centroids, transposed: codebook.transposed }
  const dinov2 = { size: side, layer: encoder.layerFromEnd }

  const pixels = await openPixelDecoder(vqgan, 'cpu')
  const tokenizer = await openTokenizer(encoder, codebook, side, 'cpu')
  const codes = await openVqTokenizer(vqgan, 'cpu')
  const networks: [string, Graph, (count: number) => Promise<unknown>][] = [
    ['VQGAN decode', vqganDecoder(vqgan.tensors, config), (count) => pixels.decode(grids(count))],
    ['VQGAN encode', vqganEncoder(vqgan.tensors, config), (count) => codes.tokens(pictures(count))],
    [
      'DINOv2 and K-Means',
      dinov2Tokenizer(encoder.tensors, centroids, dinov2),
      (count) => tokenizer.tokens(pictures(count)),
    ],
  ]
  const T = 1 + dinov2Config(encoder.tensors).registers + DIGIT_GRID.cells // positions in the encoder
  const rows: Row[] = []
  for (const [name, graph, run] of networks)
    for (const batch of [1, 4]) {
      await run(1)
      const [times] = await inTurn([() => run(batch)], rounds)
      const flops = graphToFlops(graph, { B: batch, T })
      rows.push(imageRow(`${name}, batch ${batch}`, median(times!), batch, flops, peak))
    }
  await Promise.all([pixels.close(), tokenizer.close(), codes.close()])
  return rows
}

function imageRow(name: string, ms: number, batch: number, flops: number, peak: number): Row {
  const rate = (flops * 1000) / ms
  const [perImage, work] = [ms / batch, flops / batch / 1e9]
  return {
    name,
    text: `${digits(perImage)} ms/image, ${digits(work)} GFLOP each, ${digits(rate / 1e9)} GFLOP/s = ${percent(rate / peak)} of the matrix product`,
    numbers: { perImage, work, rate, share: rate / peak },
  }
}
