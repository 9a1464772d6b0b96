// The cells of a verdict -> its settings in words; which axes make no verdict.
import { cellWords, type Cell } from '../sweep/plan.ts'
import { LEAST_IMAGES, MOST_SETTINGS } from './looks.ts'
import type { VerdictSetting } from './verdict.ts'

/** `temperature 0.9` and, if only one thing varies, `0.9`. */
export function settingWords({
  name,
  values,
}: Pick<Cell, 'name' | 'values'>): Omit<VerdictSetting, 'run' | 'images' | 'values' | 'measured'> {
  const words = cellWords({ values })
  const [axis] = Object.keys(values)
  const isOne = Object.keys(values).length === 1
  return { name, words, short: isOne && axis !== 'generator' ? words.slice(axis!.length + 1) : words }
}

/** Throws Error for settings that cannot be compared on the same seeds. */
export function checkSettings(cells: readonly Pick<Cell, 'values'>[], images: number): void {
  for (const axis of ['seed', 'count'])
    if (cells.some(({ values }) => axis in values))
      throw new Error(`axis ${axis}: a verdict compares settings on the same seeds and numbers of images`)
  if (cells.length < 2 || cells.length > MOST_SETTINGS)
    throw new Error(`a verdict compares 2 to ${MOST_SETTINGS} settings (found ${cells.length})`)
  if (!(images >= LEAST_IMAGES))
    throw new Error(`a verdict needs at least ${LEAST_IMAGES} images of each setting (found ${images})`)
}
