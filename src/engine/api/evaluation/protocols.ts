// The protocols that are possible with the open models, and the file of each.
import { basename } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import { PROTOCOL_NAMES, type ProtocolName } from '../../../shared/evaluation/evaluation.ts'
import type { ModelFile } from '../../../shared/models/models.ts'
import type { ProtocolState } from '../../../shared/evaluation/measurements.ts'
import { extractorLayers, extractorOf, protocolSummary } from '../../runs/evaluation/protocol-files.ts'
import type { ExtractorName } from '../../metrics/index.ts'
import { clipAmong } from '../../runs/evaluation/clip-extractor.ts'
import { encoderAmong, inceptionAmong } from '../../runs/evaluation/extractor.ts'
import type { OpenModelSet } from '../models/models.ts'

const INCEPTION = 'weights-inception-2015-12-05-6726825d.pth'
const MISSING = {
  inception: `the Inception-v3 weights used for FID: ${INCEPTION} (torch-fidelity and pytorch-fid download this file)`,
  dinov2:
    'a DINOv2 encoder: dinov2_vitl14_pretrain.pth for FD-DINOv2, dinov2_vitb14_reg4_pretrain.pth, or the one in the demo',
  clip: "CLIP: OpenAI's ViT-B-32.pt or ViT-L-14-336px.pt, or a model of open_clip or transformers with its configuration",
} as const

export async function listProtocols({ modelSet }: OpenModelSet): Promise<ProtocolState[]> {
  return Promise.all(
    PROTOCOL_NAMES.map(async (name): Promise<ProtocolState> => {
      const extractor = extractorOf(name)
      const file = await fileOf(modelSet, extractor)
      const told = { name, summary: protocolSummary(name), extractor }
      if (!file) return { ...told, missing: MISSING[extractor] }
      const { path, sha256, problem } = file
      return problem === undefined
        ? { ...told, file: { name: basename(path), sha256 } }
        : { ...told, missing: `${MISSING[extractor]}. ${basename(path)} is open, but ${problem}` }
    }),
  )
}

/** The network of a protocol, as far as known without opening it. Throws RequestError if it is missing. */
export async function networkOf(protocol: ProtocolName, { modelSet }: OpenModelSet) {
  const name = extractorOf(protocol)
  const file = await fileOf(modelSet, name)
  if (!file || file.problem !== undefined) throw new RequestError(`this protocol requires ${MISSING[name]}`)
  return { name, file, sha256: file.sha256, layers: extractorLayers(name, file) }
}

/** The field of a specification that names a protocol's file; none for DINOv2, a role of the models, or without a file. */
export async function fileField(
  protocol: ProtocolName,
  { modelSet }: OpenModelSet,
): Promise<{ readonly [name in 'inception' | 'clip']?: string }> {
  const name = extractorOf(protocol)
  const file = name === 'dinov2' ? undefined : await fileOf(modelSet, name)
  return file ? { [name]: file.path } : {}
}

const fileOf = async (
  modelSet: OpenModelSet['modelSet'],
  extractor: ExtractorName,
): Promise<ModelFile | undefined> =>
  extractor === 'inception'
    ? inceptionAmong(modelSet.files)
    : extractor === 'clip'
      ? clipAmong(modelSet.files)
      : encoderAmong(modelSet)
