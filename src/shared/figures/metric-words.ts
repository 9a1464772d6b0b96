// Results by torch-fidelity's names -> common metric names, and whether higher or lower is better.

interface Metric {
  readonly words: string
  readonly better: 'lower' | 'higher'
}

/** The main ones first. */
export const METRIC_WORDS: Readonly<Record<string, Metric>> = {
  frechet_inception_distance: { words: 'FID', better: 'lower' },
  frechet_dinov2_distance: { words: 'FD-DINOv2', better: 'lower' },
  inception_score_mean: { words: 'IS', better: 'higher' },
  kernel_inception_distance_mean: { words: 'KID', better: 'lower' },
  spatial_frechet_inception_distance: { words: 'sFID', better: 'lower' },
  precision: { words: 'Precision', better: 'higher' },
  recall: { words: 'Recall', better: 'higher' },
  f_score: { words: 'F-score', better: 'higher' },
  inception_score_std: { words: 'IS, std.', better: 'lower' },
  kernel_inception_distance_std: { words: 'KID, std.', better: 'lower' },
}
export const metricWords = (name: string): string => METRIC_WORDS[name]?.words ?? name

/** The protocol's main distance: the only result with a jackknife error. */
export const hasError = (metric: string): boolean => metric.startsWith('frechet_')
