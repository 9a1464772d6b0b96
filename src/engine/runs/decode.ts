// Token grids from a fairseq `.codecs` file -> pictures.
import { RequestError } from '../../shared/errors.ts'
import type { DecodeSpec } from '../../shared/run/run.ts'
import { openFile } from '../bytes/index.ts'
import { readCodecs, type CodecsOptions } from '../tokens/codecs.ts'
import { splitLayers } from '../tokens/grid.ts'
import { scope, type Keep } from '../devices/scope.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { openModels } from '../model-set/open-models.ts'
import { codeLayers, codesOf } from '../models/vqgan.ts'
import type { ImageNetworks } from './image-work.ts'
import { runImages } from './image-run.ts'
import { vqganConfig } from '../tokenizer/tokenizer.ts'
import { chooseBits } from '../devices/precision.ts'
import { chooseDevice } from '../devices/device-probe.ts'
import { openCodeTokenizer, refuseOtherTokens } from './code-tokenizer.ts'
import { runNetworks } from './run-networks.ts'
import { stage2Drawing, stage2Recipe, stage2Role } from '../decoding/stage2.ts'
import { fileToSha256 } from '../model-set/file-hash.ts'

export async function runDecode(spec: DecodeSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => decode(spec, callbacks, keep))
}

async function decode(spec: DecodeSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  callbacks.progress(0, 1, 'scanning models')
  const models = keep(await openModels([spec.model], spec.choose))
  const device = await chooseDevice(spec.device)
  const { provider } = device
  const tokenizer = spec.tokenizer && (await openCodeTokenizer(spec.tokenizer, spec.weightBits, models))
  if (tokenizer) refuseOtherTokens(spec.tokens, tokenizer)
  const vqgan = tokenizer?.vqgan ?? (await models.open('vqgan'))
  const config = vqganConfig(vqgan)
  const weightBits = tokenizer ? 32 : await chooseBits(spec.weightBits, provider)
  const stage2Model =
    spec.tokens === 'discriminative' ? await models.open(stage2Role(spec.stage2)) : undefined
  const grids = await readGrids(spec.codecs, {
    length: stage2Model?.config.grid.cells ?? codesOf(config),
    vocabulary: stage2Model?.config.sourceVocabulary ?? config.codes,
  })
  const { first = 0 } = spec
  callbacks.progress(0, 1, `loading networks on ${provider}`)
  const networks = runNetworks(callbacks, keep, provider, weightBits)
  const stage2 = stage2Model && (await networks.gridDecoder(stage2Model))
  const pixels = await networks.pixels(vqgan)
  const make: ImageNetworks['make'] = async (batch, report) => {
    const given = batch.map(({ image }) => grids[image - first]!)
    if (!stage2) return given.map((tokens) => splitLayers({ tokens }, codeLayers(config)))
    const codes = await stage2.draw(
      batch.map(({ image }) => ({ seed: spec.seed, image })),
      given,
      stage2Drawing(spec),
      { signal: callbacks.signal, turn: callbacks.turn, onShare: (share) => report('stage 2', share) },
    )
    return codes.map((codes, i) => ({ discriminative: { tokens: given[i]! }, codes }))
  }
  return runImages(
    {
      spec,
      device,
      networks: async () => ({ pixels, make }),
      jobs: grids.map((_, line) => ({ image: first + line })),
      models: { ...(stage2Model ? { stage2: stage2Model } : {}), vqgan },
      codebooks: {
        ...(stage2Model ? { discriminative: stage2Model.config.sourceVocabulary } : {}),
        codes: config.codes,
      },
      recipe: {
        seed: spec.seed,
        ...(stage2Model ? { stage2: stage2Recipe(stage2Model, spec) } : {}),
        vqgan: vqgan.file.sha256,
        ...tokenizer?.recipe,
        weightBits,
        provider,
        sources: [await fileToSha256(spec.codecs)],
      },
      index: {
        title: `${tokenizer?.title ?? 'DiGIT'} · decoded ${spec.tokens === 'codes' ? 'VQGAN codes' : 'tokens'} · seed ${spec.seed}`,
      },
    },
    callbacks,
  )
}

async function readGrids(
  path: string,
  options: Required<Pick<CodecsOptions, 'length' | 'vocabulary'>>,
): Promise<Int32Array[]> {
  const source = await openFile(path)
  try {
    const grids: Int32Array[] = []
    for await (const { ids } of readCodecs(source, options)) grids.push(ids)
    if (grids.length === 0) throw new RequestError(`${path}: contains no samples`)
    return grids
  } finally {
    await source.close()
  }
}
