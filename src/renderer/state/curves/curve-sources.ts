// The sweeps whose curves are drawn: the one in the address, and others added to the chart.
import { computed } from 'vue'
import type { CurveSource } from '../../../shared/figures/curves.ts'
import type { SweepPoint, WorkspaceSweep } from '../../../shared/sweep/sweeps.ts'
import { address, adjust } from '../app/address.ts'
import { problemOf, valueOf } from '../app/asking.ts'
import { sweepNames } from './sweep-names.ts'
import { pointsOf, sweepOf, sweeps } from './sweeps.ts'

/** The sweep in the address, else the newest. */
export const shownSweep = computed(
  () => sweepOf(address.value.run) ?? (address.value.run ? undefined : sweeps.value?.[0]),
)
const asked = computed(() => shownSweep.value && pointsOf(shownSweep.value.id))
export const shownPoints = computed<readonly SweepPoint[]>(() => valueOf(asked.value) ?? [])
export const pointsProblem = computed(() => problemOf(asked.value))

/** More lines than colors would be indistinguishable. */
const MOST_BESIDE = 7

/** `with=ID,ID` in the address. */
export const besides = computed<readonly WorkspaceSweep[]>(() => {
  const ids = new Set((address.value.query.with ?? '').split(','))
  const found = (sweeps.value ?? []).filter(({ id }) => ids.has(id) && id !== shownSweep.value?.id)
  return found.slice(0, MOST_BESIDE)
})
/** Measured sweeps that can be added to the chart. */
export const others = computed(() =>
  besides.value.length === MOST_BESIDE
    ? []
    : (sweeps.value ?? []).filter(
        (sweep) => sweep.measure && sweep !== shownSweep.value && !besides.value.includes(sweep),
      ),
)
const besideIds = () => besides.value.map(({ id }) => id)
export const addBeside = (id: string): void => adjust({ with: [...besideIds(), id].join(',') })
/** Its selected points are deselected with it. */
export function takeAway(gone: string): void {
  const left = besideIds().filter((id) => id !== gone)
  const { a, b } = address.value.query
  const [first, second] = [a, b].filter((point) => point !== undefined && !point.startsWith(`${gone}@`))
  adjust({ with: left.join(',') || undefined, a: first, b: second })
}

export const curveSources = computed<readonly CurveSource[]>(() => {
  if (!shownSweep.value) return []
  const all = [shownSweep.value, ...besides.value]
  const names = sweepNames(all)
  return all.map((sweep, i) => ({ name: names[i]!, sweep, points: valueOf(pointsOf(sweep.id)) ?? [] }))
})
