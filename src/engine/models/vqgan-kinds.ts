// The VQGANs of the published generators: one network with a few switches, one row each, and their tensors under one
// naming. Sources: LTH14/mage, bytedance/1d-tokenizer (maskgit_vqgan.py), CompVis/taming-transformers
// (diffusionmodules/model.py), FoundationVision/LlamaGen (vq_model.py), FoundationVision/VAR (basic_vae.py).
import type { ModelTensors } from './tensors.ts'

/** `mage` is DiGIT's own; `maskgit` is the one that RAR uses. */
export type VqganKind = 'mage' | 'maskgit' | 'taming' | 'llamagen' | 'var'

export interface VqganVariant {
  /** For people. */
  readonly title: string
  /** Whether convolutions of residual blocks, and the encoder's first, have biases. */
  readonly blockBias: boolean
  /** What the 1x1 shortcut of a block that changes its width works on: its input, or its result (sic). */
  readonly shortcut: 'input' | 'result'
  /** Average of 2x2 pixels, or a 3x3 convolution of stride 2 with padding at the right and bottom only. */
  readonly down: 'average' | 'strided'
  /** Whether there is an attention block in the middle; others are where their tensors are. */
  readonly attention: boolean
  /** Blocks of a decoder level more than of an encoder level. */
  readonly extraBlocks: 0 | 1
  /** Side of the encoder's last kernel. */
  readonly outKernel: 1 | 3
  /** Side of the kernels between encoder, codes and decoder; 0 where there are none. */
  readonly quantKernel: 0 | 1 | 3
  /** Whether vectors are compared and decoded at length 1. */
  readonly unitCodes: boolean
  /** Encoder input = factor v/255 + offset. */
  readonly input: readonly [factor: number, offset: number]
  /** 8-bit value = trunc(clip(factor x + offset, 0, 255)) of a decoded x. */
  readonly bytes: readonly [factor: number, offset: number]
}

const JAX = {
  blockBias: false,
  shortcut: 'result',
  down: 'average',
  attention: false,
  extraBlocks: 0,
  outKernel: 1,
  quantKernel: 0,
  unitCodes: false,
  input: [1, 0],
  bytes: [255, 0],
} as const

const TAMING = {
  blockBias: true,
  shortcut: 'input',
  down: 'strided',
  attention: true,
  extraBlocks: 1,
  outKernel: 3,
  quantKernel: 1,
  unitCodes: false,
  input: [2, -1],
  bytes: [127.5, 127.5],
} as const

export const VQGAN_KINDS: { readonly [kind in VqganKind]: VqganVariant } = {
  mage: { title: 'VQGAN', ...JAX },
  maskgit: { title: 'MaskGIT VQGAN', ...JAX },
  taming: { title: 'taming VQGAN', ...TAMING },
  llamagen: { title: 'LlamaGen VQ', ...TAMING, unitCodes: true, bytes: [127.5, 128] },
  var: { title: 'VAR multi-scale VQ', ...TAMING, quantKernel: 3 },
}

/** Which of them these tensors are. */
export function vqganKind({ has }: ModelTensors): VqganKind {
  if (has('decoder.conv_blocks.0.res.0.conv1.weight')) return 'llamagen'
  if (has('quantize.quant_resi.qresi_ls.0.weight')) return 'var'
  if (has('decoder.mid.0.conv1.weight')) return 'maskgit'
  return has('post_quant_conv.weight') ? 'taming' : 'mage'
}

/** The tensors by the names of taming-transformers, whichever kind they are. */
export function vqganTensors(tensors: ModelTensors): ModelTensors {
  const kind = vqganKind(tensors)
  const rename = storedName(kind, kind === 'llamagen' ? levelsOf(tensors) : 0)
  return {
    ...tensors,
    has: (name) => tensors.has(rename(name)),
    get: (name, shape) => tensors.get(rename(name), shape),
  }
}

/** A name of taming-transformers -> the one that a file of this kind and number of levels has. */
export const storedName = (kind: VqganKind, levels: number): ((name: string) => string) =>
  kind === 'llamagen' ? llamagenName(levels) : kind === 'maskgit' ? maskgitName : (name) => name

const levelsOf = ({ has }: ModelTensors): number => {
  let levels = 0
  while (has(`decoder.conv_blocks.${levels}.res.0.conv1.weight`)) levels++
  return levels
}

/** LlamaGen counts the decoder's levels from the deepest. */
const llamagenName = (levels: number) => (name: string) =>
  name
    .replace(/^decoder\.up\.(\d+)\./, (_, level) => `decoder.conv_blocks.${levels - 1 - Number(level)}.`)
    .replace(/^encoder\.down\.(\d+)\./, 'encoder.conv_blocks.$1.')
    .replace(/\.block\.(\d+)\./, '.res.$1.')
    .replace(/\.mid\.block_1\./, '.mid.0.')
    .replace(/\.mid\.attn_1\./, '.mid.1.')
    .replace(/\.mid\.block_2\./, '.mid.2.')

const maskgitName = (name: string) =>
  name
    .replace(/\.mid\.block_1\./, '.mid.0.')
    .replace(/\.mid\.block_2\./, '.mid.1.')
    .replace(/\.upsample\.conv\./, '.upsample_conv.')
