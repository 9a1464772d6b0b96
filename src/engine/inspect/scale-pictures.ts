// A finished image that was drawn from coarse to fine -> its picture after each scale.
import { RequestError } from '../../shared/errors.ts'
import type { Networks } from '../devices/network-pool.ts'
import type { Keep } from '../devices/scope.ts'
import { encodePng } from '../images/index.ts'
import type { OpenModels } from '../model-set/open-models.ts'
import type { ImageRecord } from '../records/image-record.ts'
import { runNetworks } from '../runs/run-networks.ts'
import { generatorOf, providerOf } from './recorded-generator.ts'

/**
 * The picture of the first `count` scales alone, as PNG: the decoder's picture of the sum of their residuals. Source:
 * FoundationVision/VAR models/quant.py, embed_to_fhat, 78b9539. Throws RequestError for an image without scales, or
 * without so many, and ModelError if its models are not open.
 */
export async function scalePicture(
  record: ImageRecord,
  count: number,
  models: OpenModels,
  networks: Networks,
  keep: Keep,
): Promise<Uint8Array> {
  const grids = Object.values(record.scales ?? {})
  if (count < 1 || count > grids.length)
    throw new RequestError(`scales: out of range (found ${count}, expected 1 to ${grids.length})`)
  const { open } = await generatorOf(record, models)
  const { pixels } = runNetworks({ networks }, keep, await providerOf(record))
  // A scale of codes below 0 adds nothing.
  const codes = grids.flatMap(({ tokens }, scale) => [...(scale < count ? tokens : tokens.map(() => -1))])
  const [picture] = await (await pixels(open.vqgan)).decode([codes], [`${count} scales`])
  return encodePng(picture!)
}
