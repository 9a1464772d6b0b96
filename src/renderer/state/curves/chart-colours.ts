// The page colors resolved for charts, which do not support CSS variables; updated when the theme changes.
import { shallowRef, watch } from 'vue'
import type { ChartColours } from '../../../shared/figures/chart-option.ts'
import { theme } from '../app/appearance.ts'

export const chartColours = shallowRef<ChartColours>(read())

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (chartColours.value = read()))
watch(theme, () => (chartColours.value = read()), { flush: 'post' })

/** `light-dark()` is resolved where a color is applied, so each is applied for a moment. */
function read(): ChartColours {
  const probe = document.createElement('span')
  document.body.append(probe)
  const colour = (name: string) => {
    probe.style.color = `var(${name})`
    return toRgb(getComputedStyle(probe).color)
  }
  const colours = {
    ink: colour('--ink'),
    soft: colour('--ink-soft'),
    rule: colour('--line-firm'),
    surface: colour('--canvas'),
    font: getComputedStyle(document.body).fontFamily,
  }
  probe.remove()
  return colours
}

/** Charts do not support oklch(): read the RGB values from a drawn pixel. */
function toRgb(colour: string): string {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const context = canvas.getContext('2d')!
  context.fillStyle = colour
  context.fillRect(0, 0, 1, 1)
  return `rgb(${[...context.getImageData(0, 0, 1, 1).data].slice(0, 3).join(', ')})`
}
