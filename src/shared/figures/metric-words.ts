// Results by torch-fidelity's names -> common metric names, and whether higher or lower is better.
import { networkName, isFdDinov2, type MeasuredBy } from '../evaluation/network-name.ts'

interface Metric {
  /** Where no network is known, as at the head of a column. */
  readonly words: string
  /** Absent for a spread. */
  readonly better?: 'lower' | 'higher'
  /** In a few words, for who sees it the first time. */
  readonly meaning: string
}

/** The main ones first. */
export const METRIC_WORDS: Readonly<Record<string, Metric>> = {
  frechet_inception_distance: {
    words: 'FID',
    better: 'lower',
    meaning: 'distance between the Inception features of both sets',
  },
  clip_maximum_mean_discrepancy: {
    words: 'CMMD',
    better: 'lower',
    meaning: 'distance of CLIP embeddings by a Gaussian kernel, times 1000',
  },
  frechet_clip_distance: {
    words: 'FD (CLIP)',
    better: 'lower',
    meaning: 'Fréchet distance between the CLIP embeddings of both sets',
  },
  frechet_dinov2_distance: {
    words: 'FD (encoder)',
    better: 'lower',
    meaning: 'Fréchet distance between the features of both sets',
  },
  inception_score_mean: {
    words: 'IS',
    better: 'higher',
    meaning: 'how certain and how varied the predicted classes are',
  },
  kernel_inception_distance_mean: {
    words: 'KID',
    better: 'lower',
    meaning: 'distance of the features by a kernel; for small sets, too',
  },
  kernel_clip_distance_mean: {
    words: 'KD (CLIP)',
    better: 'lower',
    meaning: 'distance of the CLIP embeddings by a cubic kernel',
  },
  kernel_dinov2_distance_mean: {
    words: 'KD (encoder)',
    better: 'lower',
    meaning: 'distance of the features by a kernel; for small sets, too',
  },
  spatial_frechet_inception_distance: {
    words: 'sFID',
    better: 'lower',
    meaning: 'FID with features that keep their position',
  },
  precision: {
    words: 'Precision',
    better: 'higher',
    meaning: 'share of samples near real images',
  },
  recall: { words: 'Recall', better: 'higher', meaning: 'share of real images near samples' },
  f_score: { words: 'F-score', better: 'higher', meaning: 'of precision and recall' },
  data_copying_score: {
    words: 'C_T',
    meaning: 'below 0: samples are closer to training images than held-out images are',
  },
  authpct: {
    words: 'AuthPct',
    better: 'higher',
    meaning: 'percentage of samples that are not near copies of training images',
  },
  authpct_held_out: {
    words: 'AuthPct, held out',
    meaning: 'the same of real images that were not trained on',
  },
  psnr: {
    words: 'PSNR',
    better: 'higher',
    meaning: 'of reconstructions against their originals, in dB',
  },
  ssim: { words: 'SSIM', better: 'higher', meaning: 'likeness of reconstructions and originals' },
  codebook_usage: {
    words: 'Code use',
    better: 'higher',
    meaning: 'share of the VQGAN’s codes that occur',
  },
  codes_used: { words: 'Codes', better: 'higher', meaning: 'different codes of the VQGAN that occur' },
  code_perplexity: {
    words: 'Perplexity',
    better: 'higher',
    meaning: 'as many equally frequent codes would be as diverse',
  },
  inception_score_std: { words: 'IS, std. over splits', meaning: 'spread, not an error of the mean' },
  kernel_inception_distance_std: {
    words: 'KID, std. over subsets',
    meaning: 'spread, not an error of the mean',
  },
  kernel_dinov2_distance_std: {
    words: 'KD, std. over subsets',
    meaning: 'spread, not an error of the mean',
  },
}

/**
 * `FID`; with what it was measured by, the network too where the metric's name does not say it: `FD (DINOv2 ViT-B/14 reg)`.
 * FD-DINOv2 is the one network of Stein et al. 2023.
 */
export function metricWords(name: string, by?: MeasuredBy): string {
  const words = METRIC_WORDS[name]?.words ?? name
  if (!by) return words
  const short = /^(FD|KD) \(encoder\)$/.exec(words)?.[1]
  if (short) return isFdDinov2(by) ? `${short}-DINOv2` : `${short} (${networkName(by)})`
  if (!['precision', 'recall', 'f_score'].includes(name) || by.metric === 'adm') return words
  if (by.metric === 'torch-fidelity') return `${words} (Inception)`
  return `${words} (${networkName(by).startsWith('DINOv2') ? 'DINOv2' : 'encoder'})`
}

/** Names of the kernel distance that records of 0.1 gave to every network's features. */
const KERNEL_NAMES = ['mean', 'std'].map(
  (end) => [`kernel_inception_distance_${end}`, `kernel_dinov2_distance_${end}`] as const,
)

/** The present name of a result of this protocol. */
export const resultName = (name: string, protocol: MeasuredBy['metric']): string =>
  protocol === 'dinov2' ? (KERNEL_NAMES.find(([earlier]) => earlier === name)?.[1] ?? name) : name
