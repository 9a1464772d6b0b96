// The page's colours as a chart takes them, which knows no variables; anew when the theme changes.
import { shallowRef, watch } from 'vue'
import type { ChartColours } from '../../../shared/figures/chart-option.ts'
import { theme } from '../app/appearance.ts'

export const chartColours = shallowRef<ChartColours>(read())

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (chartColours.value = read()))
watch(theme, () => (chartColours.value = read()), { flush: 'post' })

/** `light-dark()` is settled where a colour is used, so each is used for a moment. */
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

/** The chart reads no oklch(): a pixel of the colour tells its red, green and blue. */
function toRgb(colour: string): string {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const context = canvas.getContext('2d')!
  context.fillStyle = colour
  context.fillRect(0, 0, 1, 1)
  return `rgb(${[...context.getImageData(0, 0, 1, 1).data].slice(0, 3).join(', ')})`
}
