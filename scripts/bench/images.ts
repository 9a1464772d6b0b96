// Measurements of the stages -> seconds for a whole image, from seed to pixels.
import { DIGIT_GRID } from '../../src/shared/grid/layout.ts'
import { digits, type Row } from './table.ts'

/** Steps of masked decoding in the release. */
const MASKED_STEPS = 8

/** Empty unless every stage was measured. */
export function wholeImages(rows: readonly Row[]): Row[] {
  const number = (name: string, key: string) => rows.find((row) => row.name === name)?.numbers[key] ?? NaN
  const seconds = (batch: number) => {
    const few = Math.min(batch, 4) // networks without steps do not gain from more
    const pixels = number(`VQGAN decode, batch ${few}`, 'perImage')
    const first = (number(`Loop, batch ${batch}`, 'step') * DIGIT_GRID.cells) / batch
    const codes = (number(`stage 2 AR, codes, batch ${batch}`, 'step') * DIGIT_GRID.cells) / batch
    const ar = number(`stage 2 AR, prefix, batch ${batch}`, 'perImage') + codes
    const nar = number(`stage 2 NAR, one step, batch ${few}`, 'perImage') * MASKED_STEPS
    return { ar: (first + ar + pixels) / 1000, nar: (first + nar + pixels) / 1000 }
  }
  const [alone, together] = [seconds(1), seconds(16)]
  const found = (['ar', 'nar'] as const).map((kind) => ({
    name: `stage 1, stage 2 ${kind.toUpperCase()}, VQGAN`,
    text: `batch 1: ${digits(alone[kind])} s/image, batch 16: ${digits(together[kind])} s/image, ${digits(alone[kind] / together[kind])} x`,
    numbers: { alone: alone[kind], together: together[kind] },
  }))
  return found.filter(({ numbers }) => !Number.isNaN(numbers.alone + numbers.together))
}
