// Pictures -> discriminative tokens -> stage 2 -> pictures, or pictures -> codes -> pictures: shows what the tokens, and what
// the VQGAN or the tokenizer of another generator alone, preserve of an image.
import type { ImageNetworks } from './image-work.ts'
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { ReconstructSpec } from '../../shared/run/run.ts'
import { fileToSha256 } from '../model-set/file-hash.ts'
import type { RgbImage } from '../images/index.ts'
import { scope, type Keep } from '../devices/scope.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { openModels, type OpenModels, type OpenVqgan } from '../model-set/open-models.ts'
import type { ImageJob, Recipe, SourcePicture } from '../records/image-record.ts'
import { runImages, type ImageRun } from './image-run.ts'
import { listPictures } from '../tokenizer/picture-list.ts'
import { readPicture, vqganConfig } from '../tokenizer/tokenizer.ts'
import { chooseBits } from '../devices/precision.ts'
import { chooseDevice } from '../devices/device-probe.ts'
import { openCodeTokenizer } from './code-tokenizer.ts'
import { runNetworks, type RunNetworks } from './run-networks.ts'
import { splitLayers } from '../tokens/grid.ts'
import { codeLayers } from '../models/vqgan.ts'
import { blockOf, type Shard } from './shards/block.ts'
import { stage2Drawing, stage2Recipe, stage2Role } from '../decoding/stage2.ts'

/** @param shard only a block of the pictures. The whole run, requested in the same folder afterwards, finds the images. */
export async function runReconstruct(
  spec: ReconstructSpec,
  callbacks: RunCallbacks,
  shard?: Shard,
): Promise<RunResult> {
  return scope((keep) => reconstruct(spec, callbacks, keep, shard))
}

async function reconstruct(
  spec: ReconstructSpec,
  callbacks: RunCallbacks,
  keep: Keep,
  shard: Shard | undefined,
): Promise<RunResult> {
  callbacks.progress(0, 1, 'scanning models')
  const models = keep(await openModels([spec.model, ...(spec.generatorFiles ?? [])], spec.choose))
  const device = await chooseDevice(spec.device)
  const { provider } = device
  const tokenizer = spec.tokenizer && (await openCodeTokenizer(spec.tokenizer, spec.weightBits, models))
  const weightBits = tokenizer ? 32 : await chooseBits(spec.weightBits, provider)
  const vqgan = tokenizer?.vqgan ?? (await models.open('vqgan'))
  const { pictures } = await listPictures(spec.images)
  callbacks.progress(0, 1, 'scanning pictures')
  const sources = await describeSources(pictures, spec.names)
  const { from, to } = blockOf(pictures.length, spec.batchSize, shard ?? { shards: 1, shard: 0 })
  const { resolution, codes } = vqganConfig(vqgan)
  callbacks.progress(0, 1, `loading networks on ${provider}`)
  const networks = runNetworks(callbacks, keep, provider, weightBits)
  const original = (image: number) => readPicture(pictures[image]!, resolution)
  const originals = (batch: readonly ImageJob[]) => Promise.all(batch.map(({ image }) => original(image)))
  const namesOf = (batch: readonly ImageJob[]) => batch.map(({ image }) => pictures[image]!)
  const parts =
    tokenizer || spec.vqganOnly
      ? await throughVqgan(networks, vqgan, originals, namesOf)
      : await throughTokens(spec, models, networks, resolution, callbacks, originals, namesOf)
  const { title, recipe, make, encodeAgain } = parts
  return runImages(
    {
      spec,
      device,
      networks: async () => ({
        pixels: await networks.pixels(vqgan),
        make,
        ...(encodeAgain ? { encodeAgain } : {}),
      }),
      codebooks: { ...parts.codebooks, codes },
      shard,
      jobs: sources.map((source, image) => ({ image, source })).slice(from, to),
      models: { ...parts.models, vqgan },
      recipe: {
        seed: spec.seed,
        ...recipe,
        vqgan: vqgan.file.sha256,
        ...tokenizer?.recipe,
        weightBits,
        provider,
        sources: [listHash(sources)],
      },
      index: {
        title: `${tokenizer?.title ?? 'DiGIT'} · picture, reconstruction · ${title}`,
        caption: () => 'reconstructed',
        beside: ({ image }) => original(image),
      },
    },
    callbacks,
  )
}

/** How pictures become codes, and what is recorded of it. */
interface Way extends Pick<ImageRun, 'models' | 'codebooks'>, Pick<ImageNetworks, 'make' | 'encodeAgain'> {
  readonly title: string
  readonly recipe: Pick<Recipe, 'encoder' | 'codebook' | 'stage2'>
}

type Originals = (batch: readonly ImageJob[]) => Promise<RgbImage[]>
type Names = (batch: readonly ImageJob[]) => string[]

/** The codes of a VQGAN: what it loses alone. Throws ModelError if it has no encoder. */
async function throughVqgan(
  networks: RunNetworks,
  vqgan: OpenVqgan,
  originals: Originals,
  namesOf: Names,
): Promise<Way> {
  const tokenizer = await networks.vqTokenizer(vqgan)
  const layers = codeLayers(vqganConfig(vqgan))
  return {
    title: 'VQGAN alone',
    models: {},
    codebooks: {},
    recipe: {},
    async make(batch, report) {
      report('VQGAN encoder', 0)
      const codes = await tokenizer.tokens(await originals(batch), namesOf(batch))
      return codes.map(({ tokens }) => splitLayers({ tokens }, layers))
    },
  }
}

async function throughTokens(
  spec: ReconstructSpec,
  models: OpenModels,
  networks: RunNetworks,
  resolution: number,
  callbacks: RunCallbacks,
  originals: Originals,
  namesOf: Names,
): Promise<Way> {
  const [encoder, codebook, stage2Model] = [
    await models.open('encoder'),
    await models.open('codebook'),
    await models.open(stage2Role(spec.stage2)),
  ]
  const tokenizer = await networks.tokenizer(encoder, codebook, resolution)
  const stage2 = await networks.gridDecoder(stage2Model)
  return {
    title: `stage 2 ${spec.stage2.toUpperCase()} · seed ${spec.seed}`,
    models: { encoder, codebook, stage2: stage2Model },
    codebooks: { discriminative: codebook.codes },
    recipe: {
      encoder: encoder.file.sha256,
      codebook: codebook.file.sha256,
      stage2: stage2Recipe(stage2Model, spec),
    },
    async make(batch, report) {
      report('encoder', 0)
      const discriminative = await tokenizer.tokens(await originals(batch), namesOf(batch))
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
    ...(spec.drift
      ? {
          encodeAgain: async (images: readonly RgbImage[]) =>
            (await tokenizer.tokens(images)).map(({ tokens }) => tokens),
        }
      : {}),
  }
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
