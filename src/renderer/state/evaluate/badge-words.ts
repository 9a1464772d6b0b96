// Badges of a measurement -> explanations. Records of 0.1 word some badges differently.

const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /published values (take|use)/,
    'The Fréchet distance is biased: fewer samples give a higher value. Only values with equal n are comparable.',
  ],
  [
    /has not full rank|is rank-deficient/,
    'With fewer samples than dimensions, the covariance is rank-deficient, which distorts the distance.',
  ],
  [
    /classes are unbalanced|^unbalanced classes/,
    'The reference has its own class proportions; different proportions alone change the distance.',
  ],
  [/sorted by class/, 'Splits with few classes give a lower Inception Score than splits with all classes.'],
  [/JPEG or WebP/, 'Lossy compression shifts Inception features by more than many published differences.'],
  [/^KID (over|uses) subsets/, 'KID on smaller subsets varies more; its mean is still unbiased.'],
  [/^sFID:/, 'ADM’s reference files contain them; those of pytorch-fid and clean-fid do not.'],
  [/^precision and recall/, 'Neighborhoods use the third-nearest image.'],
]

/** Undefined if the badge needs no explanation. */
export const badgeReason = (badge: string): string | undefined =>
  REASONS.find(([pattern]) => pattern.test(badge))?.[1]
