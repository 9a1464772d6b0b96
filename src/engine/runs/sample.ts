// A seed -> images: stage 1 samples discriminative tokens, stage 2 VQGAN codes, the VQGAN decodes them to pixels.
import { RequestError } from '../../shared/errors.ts'
import type { SampleSpec } from '../../shared/run/run.ts'
import { scope, type Keep } from '../devices/scope.ts'
import { pinnedTokens } from '../decoding/pinned.ts'
import type { GridsPreview, RunResult } from '../devices/callbacks.ts'
import { openModels, type OpenModels, type OpenTransformer } from '../model-set/open-models.ts'
import { runImages, type ImageCallbacks } from './image-run.ts'
import { captionOf, jobsOf, namedClasses } from './jobs.ts'
import { sampleGenerator } from './sample-generator.ts'
import { chooseBits } from '../devices/precision.ts'
import { chooseRunDevice } from './cards/run-device.ts'
import { runNetworks } from './run-networks.ts'
import { stage2Drawing, stage2Recipe, stage2Role } from '../decoding/stage2.ts'

export async function runSample(spec: SampleSpec, callbacks: ImageCallbacks): Promise<RunResult> {
  if (spec.shard >= spec.shards)
    throw new RequestError(`shard ${spec.shard}: out of range (expected 0 to ${spec.shards - 1})`)
  const { generator } = spec
  return scope((keep) =>
    generator ? sampleGenerator({ ...spec, generator }, callbacks, keep) : sample(spec, callbacks, keep),
  )
}

async function sample(spec: SampleSpec, callbacks: ImageCallbacks, keep: Keep): Promise<RunResult> {
  callbacks.progress(0, 1, 'scanning models')
  const models = keep(await openModels([spec.model], spec.choose))
  const { device, cards } = await chooseRunDevice(spec.device)
  const { provider } = device
  const weightBits = await chooseBits(spec.weightBits, provider)
  const stage1Model = await openFirstStage(spec, models)
  const hasStage2 = stage1Model.config.kind === 'stage1'
  const stage2Model = hasStage2 ? await models.open(stage2Role(spec.stage2)) : undefined
  const vqgan = await models.open('vqgan')
  const pinned = pinnedTokens(spec, stage1Model, stage2Model)
  const { commonNoise, noise = [0], stage1Noise } = spec
  if (commonNoise === 'stage2' && !stage2Model)
    throw new RequestError(
      `commonNoise: not available, ${stage1Model.file.path} generates VQGAN codes directly and has no stage 2`,
    )
  if (stage1Noise && commonNoise !== 'stage2')
    throw new RequestError(`stage1Noise: needs the common noise of stage 2 (found ${commonNoise ?? 'none'})`)
  const { classNames } = models.modelSet
  /** The image whose random numbers a stage uses. */
  const noiseOf = (stage: 'stage1' | 'stage2', image: number) => {
    const common = stage === commonNoise ? noise : stage === 'stage1' ? stage1Noise : undefined
    return common ? common[image % common.length]! : image
  }
  const { temperature, topK, topP } = spec.stage1Sampling
  return runImages(
    {
      spec,
      jobs: jobsOf(spec),
      shard: spec,
      device,
      cards,
      ...namedClasses(spec, classNames),
      models: { stage1: stage1Model, ...(stage2Model ? { stage2: stage2Model } : {}), vqgan },
      codebooks: stage2Model
        ? { discriminative: stage1Model.config.vocabulary, codes: stage2Model.config.vocabulary }
        : { codes: stage1Model.config.vocabulary },
      recipe: {
        seed: spec.seed,
        stage1: {
          kind: stage1Model.config.kind,
          sha256: stage1Model.file.sha256,
          sampling: spec.stage1Sampling,
        },
        ...(stage2Model ? { stage2: stage2Recipe(stage2Model, spec) } : {}),
        vqgan: vqgan.file.sha256,
        weightBits,
        provider,
        ...(pinned.sha256 === undefined ? {} : { pinned: pinned.sha256 }),
        ...(commonNoise === undefined ? {} : { commonNoise }),
        ...(commonNoise === undefined || spec.noise === undefined ? {} : { noise }),
        ...(stage1Noise === undefined ? {} : { stage1Noise }),
      },
      async networks() {
        callbacks.progress(0, 1, `loading networks on ${provider}`)
        const networks = runNetworks(callbacks, keep, provider, weightBits)
        const stage1 = await networks.gridDecoder(stage1Model)
        const stage2 = stage2Model && (await networks.gridDecoder(stage2Model))
        return {
          pixels: await networks.pixels(vqgan),
          async make(batch, report) {
            const streams = (stage: 'stage1' | 'stage2') =>
              batch.map(({ image }) => ({
                seed: spec.seed,
                image,
                noise: noiseOf(stage, image),
                pinned: pinned[stage](image),
              }))
            const { signal, turn } = callbacks
            const preview =
              (stage: GridsPreview['stage']) => (done: number, images: GridsPreview['images']) =>
                callbacks.preview?.({ stage, done, images })
            const first = await stage1.draw(
              streams('stage1'),
              batch.map((job) => job.class),
              { sampling: spec.stage1Sampling, masked: spec.masked },
              {
                signal,
                turn,
                onShare: (share) => report('stage 1', share * 0.5),
                onGrids: preview(stage2 ? 'discriminative' : 'codes'),
              },
            )
            if (!stage2) return first.map((codes) => ({ codes }))
            const second = await stage2.draw(
              streams('stage2'),
              first.map(({ tokens }) => tokens),
              stage2Drawing(spec),
              {
                signal,
                turn,
                onShare: (share) => report('stage 2', 0.5 + share * 0.5),
                onGrids: preview('codes'),
              },
            )
            return first.map((discriminative, i) => ({ discriminative, codes: second[i]! }))
          },
        }
      },
      index: {
        title: [
          'DiGIT',
          topP > 0 ? `top-p ${topP}` : `top-k ${topK}`,
          `T ${temperature}`,
          ...(stage2Model ? [`stage 2 ${spec.stage2.toUpperCase()}`] : []),
          `seed ${spec.seed}`,
        ].join(' · '),
        caption: (job) => captionOf(job, classNames),
      },
    },
    callbacks,
  )
}

/** The requested stage 1, or the plain model over VQGAN codes if the model set has only that, or it was chosen. */
async function openFirstStage(spec: SampleSpec, models: OpenModels): Promise<OpenTransformer> {
  if (spec.classes.length > 0) return models.open('stage1Class')
  const { set } = models.modelSet
  const isChosen = spec.choose?.vqAr !== undefined && set.stage1 === undefined
  if (isChosen || (!models.has('stage1') && models.has('vqAr'))) return models.open('vqAr')
  return models.open('stage1')
}
