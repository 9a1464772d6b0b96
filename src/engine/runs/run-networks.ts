// The networks of a run: already open if networks are kept between runs, otherwise opened now.
import type { Provider } from '../session/index.ts'
import type { Keep } from '../devices/scope.ts'
import type { GridDecoder } from '../decoding/grid-decoder.ts'
import type { RunCallbacks } from '../devices/callbacks.ts'
import { openFamilyDecoder, type FamilyDecoder } from '../decoding/generators/open.ts'
import type { OpenGenerator } from '../model-set/open-models.ts'
import type {
  OpenCodebook,
  OpenEncoder,
  OpenModel,
  OpenTransformer,
  OpenVqgan,
} from '../model-set/open-models.ts'
import { networksOfItsOwn } from '../devices/network-pool.ts'
import {
  openPixelDecoder,
  openTokenizer,
  openVqTokenizer,
  vqganConfig,
  type PatchTokenizer,
  type PixelDecoder,
  type Tokenizer,
} from '../tokenizer/tokenizer.ts'
import { arithmeticOf } from '../devices/precision.ts'
import { openGridDecoder } from '../decoding/open-decoder.ts'
import type { WeightBits } from '../../shared/run/precision.ts'

/** Released when the run ends; a run does not close networks. */
export interface RunNetworks {
  /** The decoder for grids of a transformer. */
  gridDecoder(model: OpenTransformer): Promise<GridDecoder>
  /** The decoder for grids of a generator of another family. */
  generator(open: OpenGenerator): Promise<FamilyDecoder>
  pixels(vqgan: OpenVqgan): Promise<PixelDecoder>
  tokenizer(encoder: OpenEncoder, codebook: OpenCodebook, size: number): Promise<PatchTokenizer>
  /** Encodes pictures to codes of the VQGAN. */
  vqTokenizer(vqgan: OpenVqgan): Promise<Tokenizer>
}

export function runNetworks(
  callbacks: Pick<RunCallbacks, 'networks'>,
  keep: Keep,
  provider: Provider,
  weightBits: WeightBits = 32,
): RunNetworks {
  const arithmetic = arithmeticOf(weightBits, provider)
  const on = `${provider} ${arithmetic}`
  const lease = keep(callbacks.networks?.lease() ?? networksOfItsOwn())
  return {
    gridDecoder: (model) =>
      lease.use(name('grids', provider, weightBits, model), (weightBytes(model) * weightBits) / 32, () =>
        openGridDecoder(model, provider, weightBits),
      ),
    generator: (open) =>
      lease.use(
        name('generator', provider, `${open.family} ${JSON.stringify(open.hints)}`, open.model),
        weightBytes(open.model),
        () => openFamilyDecoder(open, provider),
      ),
    pixels: (vqgan) =>
      lease.use(name('pixels', on, JSON.stringify(vqganConfig(vqgan)), vqgan), weightBytes(vqgan), () =>
        openPixelDecoder(vqgan, provider, arithmetic),
      ),
    tokenizer: (encoder, codebook, size) =>
      lease.use(
        name('tokenizer', on, `${size} ${encoder.layerFromEnd}`, encoder, codebook),
        weightBytes(encoder) + weightBytes(codebook),
        () => openTokenizer(encoder, codebook, size, provider, arithmetic),
      ),
    vqTokenizer: (vqgan) =>
      lease.use(name('codes', on, JSON.stringify(vqganConfig(vqgan)), vqgan), weightBytes(vqgan), () =>
        openVqTokenizer(vqgan, provider, arithmetic),
      ),
  }
}

const name = (what: string, provider: string, how: string | number, ...models: readonly OpenModel[]) =>
  [what, provider, how, ...models.map(({ file }) => `${file.sha256} ${file.prefix}`)].join(' ')

/** Size of the weights as float32, in which networks compute. */
export const weightBytes = ({ tensors }: OpenModel): number =>
  tensors.names.reduce((sum, name) => sum + tensors.get(name).shape.reduce((a, b) => a * b, 4), 0)
