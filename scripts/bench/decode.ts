// Stage 1 -> tokens per second, with the Loop and step by step, compared with the limit of the memory.
import { DIGIT_GRID } from '../../src/shared/grid/layout.ts'
import { stepGraph, type TransformerModel } from '../../src/engine/models/transformer-graphs.ts'
import { openChunkDecoder, type Decoder } from '../../src/engine/decoding/autoregressive.ts'
import { openDeviceDecoder } from '../../src/engine/decoding/device-decoder.ts'
import type { SessionOptions } from '../../src/engine/session/index.ts'
import { measureMemory, type Machine } from './machine.ts'
import { sequences, STAGE1_SAMPLING } from './sequences.ts'
import { digits, percent, type Row } from './table.ts'
import { inTurn, median } from './timing.ts'

const MIN_SHARE = 0.6
const MIN_BATCH_GAIN = 6
const MAX_OUTSIDE = 0.05

export interface DecodePlan {
  /** Rounds for each batch size. */
  readonly rounds: Readonly<Record<number, number>>
  readonly tokens: number
}
export const FULL: DecodePlan = { rounds: { 1: 5, 4: 3, 16: 3 }, tokens: DIGIT_GRID.cells }
export const QUICK: DecodePlan = { rounds: { 1: 1, 4: 1, 16: 1 }, tokens: 48 }

/** A decoder that measures its time inside onnxruntime. */
interface Watched {
  readonly decoder: Decoder
  inside: number
}

async function watched(
  open: (model: TransformerModel, options: SessionOptions) => Promise<Decoder>,
  model: TransformerModel,
): Promise<Watched> {
  const watch = { inside: 0 }
  const onRun: SessionOptions['onRun'] = ({ milliseconds }) => {
    watch.inside += milliseconds
  }
  const decoder = await open(model, { provider: 'cpu', onRun })
  return Object.assign(watch, { decoder })
}

/** Bytes of weights read by a step: all except the embedding tables, of which it reads one row. */
export function weightBytes(model: TransformerModel): number {
  const { initializers } = stepGraph(model)
  return initializers.reduce(
    (sum, { value, data }) =>
      data.kind === 'file' && !value.name.includes('embed_') ? sum + data.length : sum,
    0,
  )
}

/** The load of the machine changes within minutes, so memory is measured again between batch sizes. */
export async function measureDecoding(
  model: TransformerModel,
  machine: Machine,
  { rounds, tokens }: DecodePlan,
): Promise<Row[]> {
  const bytes = weightBytes(model)
  const ways = {
    Loop: await watched(openChunkDecoder, model),
    steps: await watched(openDeviceDecoder, model),
  }
  const batches = Object.keys(rounds).map(Number)
  const measured: { name: string; batch: number; ms: number; outside: number }[] = []
  let { bandwidth } = machine
  for (const batch of batches) {
    const { sums, product } = await measureMemory()
    bandwidth = Math.max(bandwidth, sums, product)
    const decode = ({ decoder }: Watched, length: number) =>
      decoder.decode(sequences(batch), { sampling: STAGE1_SAMPLING, length })
    for (const way of Object.values(ways)) await decode(way, 2)
    for (const way of Object.values(ways)) way.inside = 0
    const times = await inTurn(
      Object.values(ways).map((way) => () => decode(way, tokens)),
      rounds[batch]!,
    )
    for (const [i, [name, way]] of Object.entries(ways).entries()) {
      const outside = 1 - way.inside / times[i]!.reduce((sum, time) => sum + time, 0)
      measured.push({ name, batch, ms: median(times[i]!), outside })
    }
  }
  for (const { decoder } of Object.values(ways)) await decoder.close()
  const medians = new Map(measured.map(({ name, batch, ms }) => [`${name} ${batch}`, ms]))
  return [
    {
      name: 'weights read a step',
      text: `${digits(bytes / 1e6)} MB; memory read at best ${digits(bandwidth / 1e9)} GB/s`,
      numbers: { bytes, bandwidth },
    },
    ...measured.map((one) => decodeRow({ ...one, tokens, bytes, bandwidth })),
    ...comparisons((name) => medians.get(name)!, batches),
  ]
}

interface Measured {
  readonly name: string
  readonly batch: number
  readonly ms: number
  readonly tokens: number
  readonly bytes: number
  readonly bandwidth: number
  readonly outside: number
}

function decodeRow({ name, batch, ms, tokens, bytes, bandwidth, outside }: Measured): Row {
  const step = ms / tokens
  const rate = (batch * 1000) / step
  const read = (bytes * 1000) / step
  const share = read / bandwidth
  return {
    name: `${name}, batch ${batch}`,
    text: [
      `${digits(step)} ms/step`,
      `${digits(rate)} tokens/s`,
      `${digits(read / 1e9)} GB/s = ${percent(share)} of memory`,
      `${percent(outside)} outside run`,
    ].join(', '),
    numbers: { step, rate, read, share, outside },
    aims: [
      ...(batch === 1 && name.startsWith('Loop')
        ? [{ text: `>= ${percent(MIN_SHARE)} of memory`, holds: share >= MIN_SHARE }]
        : []),
      { text: `< ${percent(MAX_OUTSIDE)} outside`, holds: outside < MAX_OUTSIDE },
    ],
  }
}

/** `median` takes names like `Loop 16`. */
function comparisons(median: (name: string) => number, batches: readonly number[]): Row[] {
  const gain = (way: string) => (16 * median(`${way} 1`)) / median(`${way} 16`)
  const ratios = batches.map((batch) => median(`Loop ${batch}`) / median(`steps ${batch}`))
  return [
    {
      name: 'images/s, batch 16 over batch 1',
      text: `${digits(gain('Loop'))} x (step by step ${digits(gain('steps'))} x)`,
      numbers: { loop: gain('Loop'), steps: gain('steps') },
      aims: [{ text: `>= ${MIN_BATCH_GAIN} x`, holds: gain('Loop') >= MIN_BATCH_GAIN }],
    },
    {
      name: 'time of the Loop over steps',
      text: batches.map((batch, i) => `batch ${batch}: ${digits(ratios[i]!)}`).join(', '),
      numbers: Object.fromEntries(batches.map((batch, i) => [`batch${batch}`, ratios[i]!])),
      aims: [{ text: 'never slower', holds: ratios.every((ratio) => ratio <= 1) }],
    },
  ]
}
