// The network that extracted features -> its name in the field.
import type { Stamp } from './evaluation.ts'

/** What says by which metric and network a result was measured. */
export interface MeasuredBy {
  readonly metric: Stamp['metric']
  readonly extractor: Pick<Stamp['extractor'], 'file' | 'network'>
}

/** Sizes of an encoder, as found in its file. */
export interface EncoderSizes {
  readonly width: number
  readonly depth: number
  readonly patch: number
  readonly registers: number
}

/** Width, blocks and letter of the published networks, all of patch 14. */
const PUBLISHED = [
  [384, 12, 'S'],
  [768, 12, 'B'],
  [1024, 24, 'L'],
  [1536, 40, 'g'],
] as const

/** The network of FD-DINOv2 in Stein et al. 2023 and dgm-eval: without registers. */
const FD_DINOV2 = 'DINOv2 ViT-L/14'

/** `DINOv2 ViT-B/14 reg`; `6-block ViT` for a network of other sizes than the published ones. */
export function encoderName({ width, depth, patch, registers }: EncoderSizes): string {
  const letter = patch === 14 && PUBLISHED.find(([w, d]) => w === width && d === depth)?.[2]
  return letter ? `DINOv2 ViT-${letter}/14${registers > 0 ? ' reg' : ''}` : `${depth}-block ViT`
}

/** Earlier records have only the name of the file. */
export function networkName({ extractor: { network, file } }: MeasuredBy): string {
  if (network) return network
  const [, letter, registers] = /^dinov2_vit([sblg])14(_reg4)?_pretrain\.pth$/.exec(file) ?? []
  if (!letter) return `encoder ${file}`
  return `DINOv2 ViT-${letter === 'g' ? 'g' : letter.toUpperCase()}/14${registers ? ' reg' : ''}`
}

export const isFdDinov2 = (by: MeasuredBy): boolean => networkName(by) === FD_DINOV2

/** Whether an encoder of these sizes is the one of FD-DINOv2. */
export const isFdDinov2Encoder = (sizes: EncoderSizes): boolean => encoderName(sizes) === FD_DINOV2
