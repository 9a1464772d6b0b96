// The published evaluation protocols by name: features, metrics, splits and shuffling.
import type { ProtocolName } from '../../shared/evaluation/evaluation.ts'
import { KERNEL_SUBSETS, type KernelSubsets } from './kernel-distance.ts'
import type { Splits } from './inception-score.ts'

export type ExtractorName = 'inception' | 'dinov2' | 'clip'
export type MetricName = 'fid' | 'isc' | 'kid' | 'prc' | 'sfid' | 'cmmd'

export interface Protocol {
  readonly name: ProtocolName
  /** One sentence for the user. */
  readonly summary: string
  readonly extractor: ExtractorName
  readonly metrics: readonly MetricName[]
  /** For the Inception Score. */
  readonly splits?: Splits
  /** For KID; smaller sets use subsets of their own size. */
  readonly subsets?: KernelSubsets
}

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  /** torch-fidelity 0.3 and 0.4: defaults.py. Its precision and recall use VGG-16 (fc2_relu); here Inception, as ADM's. */
  'torch-fidelity': {
    name: 'torch-fidelity',
    summary:
      'Inception-v3; IS over 10 shuffled splits; KID over 100 subsets of 1000; precision and recall of Inception features, k = 3',
    extractor: 'inception',
    metrics: ['fid', 'isc', 'kid', 'prc'],
    splits: { parts: 10, shuffleSeed: 2020 },
    subsets: KERNEL_SUBSETS,
  },
  /** guided-diffusion evaluations/evaluator.py. */
  adm: {
    name: 'adm',
    summary: 'Inception-v3; IS over consecutive splits of 5000, mean only; sFID; precision and recall, k = 3',
    extractor: 'inception',
    metrics: ['fid', 'sfid', 'isc', 'prc'],
    splits: { size: 5000 },
  },
  /** Stein et al. 2023: the class token of the last block. */
  dinov2: {
    name: 'dinov2',
    summary:
      "Class token of DINOv2 ViT-L/14 (FD-DINOv2) if it is open, else of the tokenizer's encoder: FD; KD over 100 subsets of 1000; precision and recall, k = 3",
    extractor: 'dinov2',
    metrics: ['fid', 'kid', 'prc'],
    subsets: KERNEL_SUBSETS,
  },
  /** Jayasumana et al. 2024 (CMMD) and Kynkaanniemi et al. 2023 (FD of CLIP): a network that makes no tokens. */
  clip: {
    name: 'clip',
    summary:
      'Image embeddings of CLIP: CMMD of unit vectors, Gaussian kernel of sigma 10, times 1000; FD-CLIP',
    extractor: 'clip',
    metrics: ['cmmd', 'fid'],
  },
}
