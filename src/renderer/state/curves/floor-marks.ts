// The floors of the shown points as lines of the chart: real images against other real images, at the points' n.
import { computed } from 'vue'
import type { PublishedMark } from '../../../shared/figures/chart-option.ts'
import { curveSources } from './curve-sources.ts'
import { up } from './curve.ts'

/** Lines of more numbers of images would hide the curves. */
const MOST_LINES = 3

export const floorMarks = computed<readonly PublishedMark[]>(() => {
  const marks = new Map<string, PublishedMark>()
  for (const { measured } of curveSources.value.flatMap(({ points }) => points)) {
    const floor = measured?.floor
    const found = up.value === undefined ? undefined : floor?.results[up.value]
    if (!floor || !found) continue
    const label = `Real images, n = ${floor.n}, m = ${floor.m}`
    marks.set(`${label} ${found.mean}`, { label, y: found.mean })
  }
  return [...marks.values()].slice(0, MOST_LINES)
})
