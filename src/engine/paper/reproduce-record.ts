// An image's own record -> a run that regenerates this image, if the record is sufficient.
import { resolve } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { DEVICES, type DeviceName } from '../../shared/models/devices.ts'
import type { DecodeSpec, SampleSpec } from '../../shared/run/run.ts'
import { pictureGrid, type TokenGrid } from '../tokens/grid.ts'
import { layersOf, type ImageRecord } from '../records/image-record.ts'

interface RecordJob {
  readonly spec: SampleSpec | DecodeSpec
  /** For an image made from a picture or a token file: the tokens from which the rest is made. */
  readonly grid?: ArrayLike<number>
}

/** Throws RequestError for an image without tokens. */
export function jobOfRecord(
  record: ImageRecord,
  path: string,
  model: string,
  device: DeviceName | undefined,
): RecordJob {
  const { recipe, image, discriminative } = record
  const { stage1, stage2, generator, tokenizer } = recipe
  const common = {
    model: resolve(model),
    out: '',
    device: device ?? DEVICES.find((name) => name === recipe.provider) ?? 'auto',
    batchSize: 1,
    weightBits: ([32, 16, 8, 4] as const).find((bits) => bits === recipe.weightBits) ?? 32,
    seed: recipe.seed,
    stage2: stage2?.masked ? ('nar' as const) : ('ar' as const),
    stage2Sampling: stage2?.sampling ?? stage1?.sampling ?? { temperature: 1, topK: 0, topP: 0 },
    // Ignored without masked decoding.
    masked: stage2?.masked ?? { steps: 8, choiceTemperature: 4.5 },
  }
  if (generator) {
    const { sha256: _sha256, ...choice } = generator
    return { spec: { ...sampleSpec(record, common.stage2Sampling, common), generator: choice } }
  }
  if (stage1) return { spec: sampleSpec(record, stage1.sampling, common) }
  const grid = stage2 ? discriminative : pictureGrid(layersOf(record))
  if (!grid)
    throw new RequestError(
      `${path}: the PNG does not contain the tokens it was made from; pass its run folder instead`,
    )
  const tokens = stage2 ? 'discriminative' : 'codes'
  const { side } = tokenizer ?? {}
  const of = tokenizer && { tokenizer: { name: recipe.vqgan, ...(side === undefined ? {} : { side }) } }
  return { spec: { kind: 'decode', ...common, codecs: '', tokens, ...of, first: image }, grid: grid.tokens }
}

function sampleSpec(
  record: ImageRecord,
  stage1Sampling: SampleSpec['stage1Sampling'],
  common: Omit<SampleSpec, 'kind' | 'classes' | 'stage1Sampling' | 'count' | 'shards' | 'shard'>,
): SampleSpec {
  const { recipe, image, class: label, discriminative } = record
  const { commonNoise, noise, stage1Noise } = recipe
  const pinned = {
    ...pinnedOf('discriminative', discriminative),
    ...pinnedOf('codes', pictureGrid(layersOf(record))),
  }
  return {
    kind: 'sample',
    ...common,
    classes: label === undefined ? [] : [label],
    stage1Sampling,
    ...(Object.keys(pinned).length > 0 ? { pinned: [pinned] } : {}),
    ...(commonNoise ? { commonNoise } : {}),
    ...(noise ? { noise: [...noise] } : {}),
    ...(stage1Noise ? { stage1Noise: [...stage1Noise] } : {}),
    ...onlyImage(image),
  }
}

/** The tokens that were pinned for the image, -1 where they were sampled. */
function pinnedOf(name: 'discriminative' | 'codes', grid: TokenGrid | undefined) {
  const { pinned, tokens } = grid ?? {}
  if (!pinned || !tokens) return {}
  return { [name]: Array.from(tokens, (token, i) => (pinned[i] ? token : -1)) }
}

const MAX_SHARDS = 100_000

/** A shard that contains this image and no other below 100,000. */
export const onlyImage = (image: number) => {
  const shards = Math.min(image + 1, MAX_SHARDS)
  return { count: image + 1, shards, shard: image % shards }
}
