// The models in use on every device of this machine: how fast each stage is, and whether the devices agree.
import { DIGIT_GRID } from '../../../shared/grid/layout.ts'
import { basename } from 'node:path'
import type { ModelChoice } from '../../../shared/models/models.ts'
import type {
  DeviceResult,
  DeviceSurvey,
  SelfTestReport,
  TestedDevice,
} from '../../../shared/models/self-test.ts'
import { EOS, SPECIALS } from '../../models/transformer-config.ts'
import { decoderOn } from '../../decoding/autoregressive-decoder.ts'
import { openChunkDecoder, type Decoder, type Sequence } from '../../decoding/autoregressive.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { openModels, type OpenModels, type OpenTransformer } from '../../model-set/open-models.ts'
import { openMaskedDecoder } from '../../decoding/masked.ts'
import { openPixelDecoder } from '../../tokenizer/tokenizer.ts'
import { compareSampling, largestDifference, make, parityOf, type Made } from './parity.ts'
import { decodeRate, maskedRate, pixelRate, ratesOf } from './rates.ts'
import { openReferenceDecoder } from '../../decoding/step-decoder.ts'

type Callbacks = Pick<RunCallbacks, 'progress' | 'signal'>

/** The results of the processor, with which the other devices are compared. */
interface Processor {
  stage1?: Made
  stage2?: Made
  pixels?: Uint8Array
}

const STAGES_OF_A_DEVICE = 3

/**
 * Tests the devices that work, starting with the processor, with which the others are compared. Rejects with the
 * signal's reason when it is aborted. A failing device is reported in its result.
 */
export async function runSelfTest(
  { model, choose }: { readonly model: string; readonly choose?: ModelChoice },
  survey: DeviceSurvey,
  callbacks: Callbacks,
): Promise<SelfTestReport> {
  return scope(async (keep) => {
    callbacks.progress(0, 1, 'scanning models')
    const models = keep(await openModels([model], choose))
    const working = survey.devices.filter(({ milliseconds }) => milliseconds !== undefined)
    const devices = working.map(({ device }) => device).sort((a, b) => rank(a) - rank(b))
    const of = devices.length * STAGES_OF_A_DEVICE + 1
    let step = 0
    const next = (note: string) => callbacks.progress(step++, of, note)
    const processor: Processor = {}
    const results: DeviceResult[] = []
    for (const device of devices)
      results.push(await scope((keep) => testDevice(device, models, processor, next, callbacks.signal, keep)))
    next('CPU against float64')
    const reference = await scope((keep) => testSampling(models, callbacks.signal, keep))
    return {
      schema: 1,
      date: new Date().toISOString(),
      models: modelsOf(models),
      devices: results,
      ...(reference ? { reference } : {}),
    }
  })
}

const rank = (device: TestedDevice) => (device === 'cpu' ? 0 : 1)

async function testDevice(
  device: TestedDevice,
  models: OpenModels,
  processor: Processor,
  next: (note: string) => void,
  signal: AbortSignal,
  keep: Keep,
): Promise<DeviceResult> {
  let result: DeviceResult = { device }
  const add = (fields: Partial<DeviceResult>) => (result = { ...result, ...fields })
  const open = decoderOn(device)
  const autoregressive = async (model: OpenTransformer, stage: 'stage1' | 'stage2') => {
    const decoder = keep(await open(model, { provider: device }))
    const images = (batch: number) => sequencesOf(model, batch)
    add({ [stage]: await ratesOf((batch) => decodeRate(decoder, images(batch), signal)) })
    const made = await make(model, decoder, images(1)[0]!, signal, processor[stage]?.tokens)
    if (device === 'cpu') processor[stage] = made
    else if (processor[stage])
      add({ [stage === 'stage1' ? 'parity1' : 'parity2']: parityOf(made, processor[stage]) })
  }
  try {
    next(`stage 1 on ${device}`)
    const first = await firstStage(models)
    if (first) await autoregressive(first, 'stage1')
    next(`stage 2 on ${device}`)
    if (models.has('stage2Ar')) await autoregressive(await models.open('stage2Ar'), 'stage2')
    else if (models.has('stage2Nar')) {
      const model = await models.open('stage2Nar')
      const decoder = keep(await openMaskedDecoder(model, { provider: device }))
      add({ stage2: await ratesOf((batch) => maskedRate(decoder, sequencesOf(model, batch), signal)) })
    }
    next(`decoder on ${device}`)
    if (models.has('vqgan')) {
      const decoder = keep(await openPixelDecoder(await models.open('vqgan'), device))
      add({ pixels: await ratesOf((batch) => pixelRate(decoder, grids(batch), signal)) })
      const [{ rgb } = { rgb: new Uint8Array() }] = await decoder.decode(grids(1))
      if (device === 'cpu') processor.pixels = rgb
      else if (processor.pixels) add({ pixelDifference: largestDifference(rgb, processor.pixels) })
    }
  } catch (error) {
    signal.throwIfAborted()
    add({ problem: (error as Error).message.split('\n')[0]!.slice(0, 300) })
  }
  return result
}

async function testSampling(models: OpenModels, signal: AbortSignal, keep: Keep) {
  const model = await firstStage(models)
  if (!model) return undefined
  const on = { provider: 'cpu' } as const
  const [inside, outside]: Decoder[] = [
    keep(await openChunkDecoder(model, on)),
    keep(await openReferenceDecoder(model, on)),
  ]
  return compareSampling(inside!, outside!, sequencesOf(model, 1)[0]!, signal)
}

/** The available stage 1: unconditional, by class, or the plain model over VQGAN codes. */
async function firstStage(models: OpenModels): Promise<OpenTransformer | undefined> {
  const { set } = models.modelSet
  const role = (['stage1', 'stage1Class', 'vqAr'] as const).find((role) => set[role] !== undefined)
  return role && models.open(role)
}

/** Sequences with the prefix of the model: `</s>`, class 0, or tokens spread over the vocabulary. */
function sequencesOf({ config }: OpenTransformer, batch: number): Sequence[] {
  const { kind, vocabulary, sourceVocabulary, classes, grid } = config
  const tokens = (image: number) =>
    Array.from(
      { length: grid.cells },
      (_, i) => ((i * 7919 + image) % sourceVocabulary) + vocabulary + 2 * SPECIALS,
    )
  return Array.from({ length: batch }, (_, image) => ({
    prefix:
      kind === 'stage2-ar'
        ? [...tokens(image), EOS]
        : kind === 'stage2-nar'
          ? tokens(image)
          : [classes > 0 ? vocabulary + SPECIALS : EOS],
    seed: 1,
    image,
    use: sourceVocabulary > 0 ? 'stage2' : 'stage1',
  }))
}

/** Codes that every VQGAN has. */
const grids = (count: number): number[][] =>
  Array.from({ length: count }, (_, image) =>
    Array.from({ length: DIGIT_GRID.cells }, (_, i) => (i * 37 + image) % 256),
  )

function modelsOf({ modelSet: { files, set } }: OpenModels): SelfTestReport['models'] {
  return Object.entries(set).flatMap(([role, id]) => {
    const file = files.find((file) => file.id === id)
    return file ? [{ role, name: basename(file.path), sha256: file.sha256 }] : []
  })
}
