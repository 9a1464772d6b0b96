// A stream of values by tag and step -> series of typed arrays.
import { FormatError } from '../../shared/errors.ts'
import type { LogSeries } from '../../shared/evaluation/training-logs.ts'

/** Maximum for all tags together: 160 MB of numbers. */
const MOST_VALUES = 10_000_000
const MOST_TAGS = 2000

interface Column {
  steps: number[]
  epochs: number[]
  values: number[]
}

export interface SeriesTable {
  /** `epoch` if the log says it; values that are not numbers are skipped. */
  add(tag: string, step: number, value: number, epoch?: number): void
  /**
   * Drops the values of all tags from this step on, because a run that was restarted there repeats them. Returns their
   * number.
   */
  purge(step: number): number
  series(): LogSeries[]
}

export function seriesTable(place: string): SeriesTable {
  const found = new Map<string, Column>()
  let count = 0
  return {
    add(tag, step, value, epoch = NaN) {
      if (!Number.isFinite(value)) return
      const one = found.get(tag) ?? { steps: [], epochs: [], values: [] }
      found.set(tag, one)
      if (++count > MOST_VALUES) throw new FormatError(place, `too many values (maximum ${MOST_VALUES})`)
      if (found.size > MOST_TAGS) throw new FormatError(place, `too many tags (maximum ${MOST_TAGS})`)
      one.steps.push(step)
      one.epochs.push(epoch)
      one.values.push(value)
    },
    purge(step) {
      const before = count
      for (const column of found.values()) {
        const kept = (_: number, i: number) => column.steps[i]! < step
        const [epochs, values] = [column.epochs.filter(kept), column.values.filter(kept)]
        column.steps = column.steps.filter(kept)
        count -= column.values.length - values.length
        column.epochs = epochs
        column.values = values
      }
      return before - count
    },
    series: () =>
      [...found].flatMap(([tag, { steps, epochs, values }]) =>
        values.length === 0
          ? []
          : [
              {
                tag,
                steps: Float64Array.from(steps),
                values: Float64Array.from(values),
                ...(epochs.some((epoch) => !Number.isNaN(epoch))
                  ? { epochs: Float64Array.from(epochs) }
                  : {}),
              },
            ],
      ),
  }
}
