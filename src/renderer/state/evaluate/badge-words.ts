// Badges of a measurement -> why each of them matters.

const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /published values take/,
    'The Fréchet distance is biased: fewer samples give a higher one. Only values of equal n compare.',
  ],
  [
    /has not full rank/,
    'With fewer samples than dimensions, part of the covariance is missing, and the distance with it.',
  ],
  [
    /classes are unbalanced/,
    'The reference has its classes in its own shares; other shares alone move the distance.',
  ],
  [/sorted by class/, 'Splits of single classes give a lower Inception Score than splits of all.'],
  [/JPEG or WebP/, 'Lossy compression moves Inception’s features by more than many published differences.'],
  [/^KID over subsets/, 'KID of smaller subsets varies more; its mean is still unbiased.'],
  [/^sFID:/, 'ADM’s reference files carry them; those of pytorch-fid and clean-fid do not.'],
  [/^precision and recall/, 'Neighbourhoods are of the third-nearest image.'],
]

/** Undefined where the badge says it all. */
export const badgeReason = (badge: string): string | undefined =>
  REASONS.find(([pattern]) => pattern.test(badge))?.[1]
