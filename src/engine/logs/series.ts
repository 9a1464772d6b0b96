// Values by tag and step, as they come -> series of typed arrays.
import { FormatError } from '../../shared/errors.ts'
import type { LogSeries } from '../../shared/evaluation/training-logs.ts'

/** Of all tags together: 160 MB of numbers. */
const MOST_VALUES = 10_000_000
const MOST_TAGS = 2000

export function seriesTable(place: string) {
  const found = new Map<string, { steps: number[]; epochs: number[]; values: number[] }>()
  let count = 0
  return {
    /** `epoch` where the log says it; values that are not numbers are skipped. */
    add(tag: string, step: number, value: number, epoch = NaN): void {
      if (!Number.isFinite(value)) return
      const one = found.get(tag) ?? { steps: [], epochs: [], values: [] }
      found.set(tag, one)
      if (++count > MOST_VALUES) throw new FormatError(place, `too many values (maximum ${MOST_VALUES})`)
      if (found.size > MOST_TAGS) throw new FormatError(place, `too many tags (maximum ${MOST_TAGS})`)
      one.steps.push(step)
      one.epochs.push(epoch)
      one.values.push(value)
    },
    series: (): LogSeries[] =>
      [...found].map(([tag, { steps, epochs, values }]) => ({
        tag,
        steps: Float64Array.from(steps),
        values: Float64Array.from(values),
        ...(epochs.some((epoch) => !Number.isNaN(epoch)) ? { epochs: Float64Array.from(epochs) } : {}),
      })),
  }
}
