// Badges of a measurement -> explanations. Records of 0.1 word some badges differently.

const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /published values (take|use)/,
    'The Fréchet distance is biased: fewer samples give a higher value, by how much depends on the generator. Equal n is necessary for a comparison, not sufficient.',
  ],
  [
    /has not full rank|is rank-deficient/,
    'With fewer images than dimensions the distance is too high, even between two halves of the same real images.',
  ],
  [/are the same images$/, 'Distances of a set to itself are 0 and say nothing about a generator.'],
  [/^Inception Score: .* in a split/, 'The score grows with the images of a split, up to thousands.'],
  [
    /^precision and recall depend on/,
    'Manifolds of more images have smaller balls: values of other numbers of images are not comparable.',
  ],
  [/VGG-16 fc2_relu$/, 'Inception features give other values. ADM’s precision and recall use Inception.'],
  [
    /^features of the tokenizer's own encoder$/,
    'The tokens are clusters of this network’s features, and the generator was trained on them: it is measured by what it was made to imitate. Confirm with features of another network.',
  ],
  [
    /classes are unbalanced|^unbalanced classes/,
    'The reference has its own class proportions; different proportions alone change the distance.',
  ],
  [/classes that the (samples do|reference does) not have$/, 'Missing classes alone raise every distance.'],
  [/sorted by class/, 'Splits with few classes give a lower Inception Score than splits with all classes.'],
  [/JPEG or WebP/, 'Lossy compression shifts Inception features by more than many published differences.'],
  [
    /^(KID|KD) (over|uses) subsets/,
    'The mean over smaller subsets is still unbiased. The standard error beside it is of this mean.',
  ],
  [/^sFID:/, 'ADM’s reference files contain them; those of pytorch-fid and clean-fid do not.'],
  [/^precision and recall/, 'Neighborhoods use the third-nearest image.'],
]

/** Undefined if the badge needs no explanation. */
export const badgeReason = (badge: string): string | undefined =>
  REASONS.find(([pattern]) => pattern.test(badge))?.[1]
