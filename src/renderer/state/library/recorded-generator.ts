// The generator of another family in an image's record.
import type { ImageDetails } from '../../../shared/contract/api.ts'
import { FAMILIES } from '../../../shared/generators/families.ts'
import type { GeneratorSpec } from '../../../shared/run/run.ts'

export interface RecordedGenerator extends Omit<GeneratorSpec, 'file'> {
  readonly sha256: string
}

/** As recorded; undefined for an image of DiGIT. */
export function recordedGenerator(
  details: Pick<ImageDetails, 'recipe'> | undefined,
): RecordedGenerator | undefined {
  const { generator } = (details?.recipe ?? {}) as { readonly generator?: RecordedGenerator }
  return generator && generator.family in FAMILIES ? generator : undefined
}

/** Why a token of the image is not explained; undefined if it can be. */
export function whyNotExplained(details: Pick<ImageDetails, 'recipe'> | undefined): string | undefined {
  const found = recordedGenerator(details)
  return found && `Only for images of DiGIT's transformers: ${FAMILIES[found.family].title} drew this one`
}
