// A statistic of every point of a map -> the colors of the points and their legend.
import { computed, type ComputedRef } from 'vue'
import { divergingColour, divergingGradient, divergingReach } from './diverging.ts'
import { heatColour, heatScale, heatShare, type HeatScale } from './heat.ts'
import type { Rgb } from '../../shared/colour/oklch.ts'

/** Counts span decades (logarithmic scale); diverging values have zero in the middle. */
export type Spread = 'numbers' | 'counts' | 'diverging'

/** Color of points without a value. */
const NONE: Rgb = [128, 128, 128]

export function mapColours(
  values: () => ArrayLike<number>,
  spread: () => Spread,
): {
  readonly colours: ComputedRef<readonly Rgb[]>
  readonly legend: ComputedRef<{ readonly scale: HeatScale; readonly gradient?: string }>
} {
  const reach = computed(() => divergingReach(values()))
  const scale = computed(() => heatScale(values(), spread() === 'counts'))
  return {
    colours: computed(() =>
      Array.from(values(), (value): Rgb => {
        if (Number.isNaN(value)) return NONE
        if (spread() === 'diverging') return divergingColour(value / reach.value)
        return heatColour(heatShare(value, scale.value))
      }),
    ),
    legend: computed(() =>
      spread() === 'diverging'
        ? {
            scale: { least: -reach.value, most: reach.value, logarithmic: false },
            gradient: divergingGradient,
          }
        : { scale: scale.value },
    ),
  }
}
