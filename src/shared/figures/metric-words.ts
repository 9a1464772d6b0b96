// Results by torch-fidelity's names -> common metric names, and whether higher or lower is better.

interface Metric {
  readonly words: string
  readonly better: 'lower' | 'higher'
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
  frechet_dinov2_distance: {
    words: 'FD-DINOv2',
    better: 'lower',
    meaning: "distance between the encoder's features of both sets",
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
  inception_score_std: { words: 'IS, std.', better: 'lower', meaning: 'over the splits' },
  kernel_inception_distance_std: { words: 'KID, std.', better: 'lower', meaning: 'over the subsets' },
}
export const metricWords = (name: string): string => METRIC_WORDS[name]?.words ?? name

/** The protocol's main distance: the only result with a jackknife error. */
export const hasError = (metric: string): boolean => metric.startsWith('frechet_')
