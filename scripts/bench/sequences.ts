// Input of the decoding benchmark: a number of images from one seed.
import { DIGIT_GRID } from '../../src/shared/grid/layout.ts'
import { EOS, type TransformerConfig } from '../../src/engine/models/transformer-config.ts'
import { SPECIALS } from '../../src/engine/models/transformer-config.ts'
import type { Sequence } from '../../src/engine/decoding/autoregressive.ts'
import type { Sampling } from '../../src/shared/run/run.ts'

/** Sampling as in the release: top-k in stage 1, top-p in stage 2. */
export const STAGE1_SAMPLING: Sampling = { temperature: 1, topK: 200, topP: 0 }
export const STAGE2_SAMPLING: Sampling = { temperature: 1, topK: 0, topP: 0.8 }

/** Images that start from `</s>`. */
export const sequences = (batch: number): Sequence[] =>
  Array.from({ length: batch }, (_, image) => ({ prefix: [EOS], seed: 1, image, use: 'stage1' }))

/** Images that start from discriminative tokens: 256 spread over the vocabulary, then `</s>` unless masked decoding. */
export const prefixed = (
  batch: number,
  { vocabulary, sourceVocabulary, kind }: TransformerConfig,
): Sequence[] =>
  Array.from({ length: batch }, (_, image) => ({
    prefix: [
      ...Array.from(
        { length: DIGIT_GRID.cells },
        (_, i) => ((i * 7919 + image) % sourceVocabulary) + vocabulary + 2 * SPECIALS,
      ),
      ...(kind === 'stage2-ar' ? [EOS] : []),
    ],
    seed: 1,
    image,
    use: 'stage2',
  }))
