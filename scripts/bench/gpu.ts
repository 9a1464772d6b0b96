// What an image costs a GPU beyond its arithmetic, counted with the code that runs there: bytes over the bus, waits, kernels,
// nodes on the processor. On a machine with a GPU also its speed.
import { chooseDevice } from '../../src/engine/devices/device-probe.ts'
import type { Decoder } from '../../src/engine/decoding/autoregressive.ts'
import { decoderOn } from '../../src/engine/decoding/autoregressive-decoder.ts'
import { halfAgrees } from '../../src/engine/devices/precision.ts'
import type { OpenModels } from '../../src/engine/model-set/open-models.ts'
import type { TransformerModel } from '../../src/engine/models/transformer-graphs.ts'
import type { Provider, SessionOptions } from '../../src/engine/session/index.ts'
import { weightBytes } from './decode.ts'
import { kernelsOf, onProcessor, placedNodes } from './placement.ts'
import { prefixed, sequences, STAGE1_SAMPLING, STAGE2_SAMPLING } from './sequences.ts'
import { digits, percent, type Row } from './table.ts'
import { inTurn, median } from './timing.ts'

const MAX_BUS_BYTES = 2 ** 20
const MAX_KERNELS = 12
/** Of one grid row. */
const MAX_WAITS = 1 / 16
const BATCHES = [1, 16, 64, 256]

/** Memory bandwidth of the card in bytes a second, from DIGIT_BANDWIDTH_GB; no interface of onnxruntime has it. */
const bandwidth = 1e9 * Number(process.env.DIGIT_BANDWIDTH_GB ?? NaN)

export async function measureGpu(models: OpenModels, tokens: number): Promise<Row[]> {
  const stages = [await models.open('stage1'), await models.open('stage2Ar')]
  const rows: Row[] = []
  for (const way of ['cuda', 'webgpu'] as const) rows.push(...(await costs(way, stages, tokens)))
  const webgpu = await chooseDevice('webgpu').catch((error: Error) => error.message)
  if (typeof webgpu === 'string') rows.push({ name: 'kernels', text: `not counted: ${webgpu}`, numbers: {} })
  else rows.push(...(await placement(stages[0]!)))
  const { provider } = await chooseDevice('auto')
  if (provider === 'cpu') return rows
  const agrees = await halfAgrees(provider)
  if (!agrees)
    rows.push({ name: 'fp16', text: `not measured: it does not agree with fp32 on ${provider}`, numbers: {} })
  for (const arithmetic of agrees ? (['f32', 'f16'] as const) : (['f32'] as const))
    for (const [i, stage] of stages.entries())
      rows.push(...(await speed(provider, `stage ${i + 1}`, { ...stage, arithmetic }, tokens)))
  return rows
}

const draw = (decoder: Decoder, { config }: TransformerModel, batch: number, length: number) =>
  config.kind === 'stage1'
    ? decoder.decode(sequences(batch), { sampling: STAGE1_SAMPLING, length })
    : decoder.decode(prefixed(batch, config), { sampling: STAGE2_SAMPLING, length })

/** Counted on the processor, whose sessions run the same graphs with the same feeds. */
async function costs(
  way: 'cuda' | 'webgpu',
  stages: readonly TransformerModel[],
  tokens: number,
): Promise<Row[]> {
  let [bytes, waits] = [0, 0]
  for (const stage of stages) {
    const onRun: SessionOptions['onRun'] = (run) => {
      bytes += run.busBytes
      waits += run.waits
    }
    const decoder = await decoderOn(way)(stage, { provider: 'cpu', onRun })
    await draw(decoder, stage, 1, tokens)
    await decoder.close()
  }
  const perToken = waits / (stages.length * tokens)
  return [
    {
      name: `bus-bytes-per-image, ${way}`,
      text: `${digits(bytes / 1e3)} kB for ${tokens} tokens of each stage`,
      numbers: { 'bus-bytes-per-image': bytes },
      aims: [{ text: '<= 1 MB', holds: bytes <= MAX_BUS_BYTES }],
    },
    {
      name: `host-waits-per-token, ${way}`,
      text: `${digits(perToken)}`,
      numbers: { 'host-waits-per-token': perToken },
      aims: [{ text: 'one a row', holds: tokens % 16 !== 0 || perToken <= MAX_WAITS }],
    },
  ]
}

async function placement(stage: TransformerModel): Promise<Row[]> {
  const nodesOf = (layers: number) =>
    placedNodes(async (profile) => {
      const options = { provider: 'webgpu', profile } as const
      const decoder = await decoderOn('webgpu')({ ...stage, config: { ...stage.config, layers } }, options)
      await draw(decoder, stage, 1, 2)
      await decoder.close()
    })
  const [one, two] = [await nodesOf(1), await nodesOf(2)]
  const kernels = kernelsOf(two).length - kernelsOf(one).length
  const processor = onProcessor(two).length
  return [
    {
      name: 'kernels-per-layer-step, webgpu',
      text: `${kernels}, and ${kernelsOf(one).length - kernels} a step for embedding and draw`,
      numbers: { 'kernels-per-layer-step': kernels },
      aims: [{ text: `<= ${MAX_KERNELS}`, holds: kernels <= MAX_KERNELS }],
    },
    {
      name: 'cpu-nodes-per-step, webgpu',
      text: `${processor}, shapes not counted`,
      numbers: { 'cpu-nodes-per-step': processor },
      aims: [{ text: '0', holds: processor === 0 }],
    },
  ]
}

async function speed(
  provider: Provider,
  name: string,
  stage: TransformerModel,
  tokens: number,
): Promise<Row[]> {
  const decoder = await decoderOn(provider)(stage, { provider })
  const rows: Row[] = []
  for (const batch of BATCHES) {
    await draw(decoder, stage, batch, 2)
    const [times] = await inTurn([() => draw(decoder, stage, batch, tokens)], 2)
    const step = median(times!) / tokens
    const bytes = weightBytes(stage) / (stage.arithmetic === 'f16' ? 2 : 1)
    const share = (bytes * 1000) / step / bandwidth
    rows.push({
      name: `${name} on ${provider} in ${stage.arithmetic ?? 'f32'}, batch ${batch}`,
      text: [
        `${digits(step)} ms/step`,
        `${digits((batch * 1000) / step)} tokens/s`,
        ...(Number.isNaN(share) ? [] : [`weights read at ${percent(share)} of the bandwidth`]),
      ].join(', '),
      numbers: { step, rate: (batch * 1000) / step, ...(Number.isNaN(share) ? {} : { share }) },
    })
  }
  await decoder.close()
  return rows
}
