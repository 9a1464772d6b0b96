// An image's own record -> the run that makes this image again, where the record holds all it takes.
import { resolve } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { DEVICES, type DeviceName, type SampleSpec } from '../../shared/run.ts'
import type { TokenGrid } from '../tokens/grid.ts'
import type { ImageRecord } from './image-record.ts'

/** Throws RequestError for an image that was made from a picture or a token file. */
export function specOfRecord(
  record: ImageRecord,
  path: string,
  model: string,
  device: DeviceName | undefined,
): SampleSpec {
  const { recipe, image, class: label, discriminative, codes } = record
  const { stage1, stage2, commonNoise } = recipe
  if (!stage1)
    throw new RequestError(
      `${path} was made from a picture or a token file, which it does not hold; give the folder of its run`,
    )
  const weightBits = ([32, 8, 4] as const).find((bits) => bits === recipe.weightBits) ?? 32
  const given = {
    ...givenOf('discriminative', discriminative),
    ...givenOf('codes', codes),
  }
  return {
    kind: 'sample',
    model: resolve(model),
    out: '',
    device: device ?? DEVICES.find((name) => name === recipe.provider) ?? 'auto',
    batchSize: 1,
    weightBits,
    seed: recipe.seed,
    classes: label === undefined ? [] : [label],
    sampling1: stage1.sampling,
    stage2: stage2?.masked ? 'nar' : 'ar',
    sampling2: stage2?.sampling ?? stage1.sampling,
    // Without masked decoding these are not looked at.
    masked: stage2?.masked ?? { steps: 8, choiceTemperature: 4.5 },
    ...(Object.keys(given).length > 0 ? { given: [given] } : {}),
    ...(commonNoise ? { commonNoise } : {}),
    ...onlyImage(image),
  }
}

/** The tokens that were given to the image, -1 where they were drawn. */
function givenOf(name: 'discriminative' | 'codes', grid: TokenGrid | undefined) {
  const { given, tokens } = grid ?? {}
  if (!given || !tokens) return {}
  return { [name]: Array.from(tokens, (token, i) => (given[i] ? token : -1)) }
}

const MAX_SHARDS = 100_000

/** A shard that holds this image and, below 100,000, no other. */
export const onlyImage = (image: number) => {
  const shards = Math.min(image + 1, MAX_SHARDS)
  return { count: image + 1, shards, shard: image % shards }
}
