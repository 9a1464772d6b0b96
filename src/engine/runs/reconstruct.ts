// Pictures -> discriminative tokens -> stage 2 -> pictures: shows what the tokens preserve of an image.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { ReconstructSpec } from '../../shared/run/run.ts'
import { fileToSha256 } from '../model-set/file-hash.ts'
import type { RgbImage } from '../images/index.ts'
import { scope, type Keep } from '../devices/scope.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { openModels } from '../model-set/open-models.ts'
import type { SourcePicture } from '../records/image-record.ts'
import { runImages } from './image-run.ts'
import { listPictures } from '../tokenizer/picture-list.ts'
import { readPicture, vqganConfig } from '../tokenizer/tokenizer.ts'
import { chooseDevice } from '../devices/device-probe.ts'
import { runNetworks } from './run-networks.ts'
import { stage2Drawing, stage2Recipe, stage2Role } from '../decoding/stage2.ts'

export async function runReconstruct(spec: ReconstructSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => reconstruct(spec, callbacks, keep))
}

async function reconstruct(spec: ReconstructSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  callbacks.progress(0, 1, 'scanning models')
  const models = keep(await openModels([spec.model], spec.choose))
  const device = await chooseDevice(spec.device)
  const { provider } = device
  const [encoder, codebook, stage2Model, vqgan] = [
    await models.open('encoder'),
    await models.open('codebook'),
    await models.open(stage2Role(spec.stage2)),
    await models.open('vqgan'),
  ]
  const { pictures } = await listPictures(spec.images)
  callbacks.progress(0, 1, 'scanning pictures')
  const sources = await describeSources(pictures, spec.names)
  const { resolution } = vqganConfig(vqgan)
  callbacks.progress(0, 1, `loading networks on ${provider}`)
  const networks = runNetworks(callbacks, keep, provider)
  const tokenizer = await networks.tokenizer(encoder, codebook, resolution)
  const stage2 = await networks.gridDecoder(stage2Model, spec.weightBits)
  const pixels = await networks.pixels(vqgan)
  const original = (image: number) => readPicture(pictures[image]!, resolution)
  return runImages(
    {
      spec,
      device,
      pixels,
      jobs: sources.map((source, image) => ({ image, source })),
      models: { encoder, codebook, stage2: stage2Model, vqgan },
      recipe: {
        seed: spec.seed,
        encoder: encoder.file.sha256,
        codebook: codebook.file.sha256,
        stage2: stage2Recipe(stage2Model, spec),
        vqgan: vqgan.file.sha256,
        weightBits: spec.weightBits,
        provider,
        sources: [listHash(sources)],
      },
      async make(batch, report) {
        report('encoder', 0)
        const originals = await Promise.all(batch.map(({ image }) => original(image)))
        const discriminative = await tokenizer.tokens(
          originals,
          batch.map(({ image }) => pictures[image]!),
        )
        const codes = await stage2.draw(
          batch.map(({ image }) => ({ seed: spec.seed, image })),
          discriminative.map(({ tokens }) => tokens),
          stage2Drawing(spec),
          {
            signal: callbacks.signal,
            turn: callbacks.turn,
            onShare: (share) => report('stage 2', 0.1 + share * 0.9),
          },
        )
        return codes.map((codes, i) => ({ discriminative: { tokens: discriminative[i]!.tokens }, codes }))
      },
      index: {
        title: `DiGIT · picture, reconstruction · stage 2 ${spec.stage2.toUpperCase()} · seed ${spec.seed}`,
        caption: () => 'reconstructed',
        beside: ({ image }) => original(image),
      },
      ...(spec.drift
        ? {
            encodeAgain: async (images: readonly RgbImage[]) =>
              (await tokenizer.tokens(images)).map(({ tokens }) => tokens),
          }
        : {}),
    },
    callbacks,
  )
}

async function describeSources(
  pictures: readonly string[],
  names: readonly string[] | undefined,
): Promise<SourcePicture[]> {
  const sources: SourcePicture[] = []
  for (const [i, picture] of pictures.entries())
    sources.push({ name: names?.[i] ?? basename(picture), sha256: await fileToSha256(picture) })
  return sources
}

/** One hash for all in order, because the recipe is written into every image. */
const listHash = (sources: readonly SourcePicture[]): string =>
  createHash('sha256')
    .update(sources.map(({ sha256 }) => sha256).join('\n'))
    .digest('hex')
