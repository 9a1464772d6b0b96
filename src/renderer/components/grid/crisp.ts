// Pictures enlarged to twice their size or more keep their pixels sharp; smaller enlargements stay smooth.
import type { ObjectDirective } from 'vue'

const observer =
  typeof ResizeObserver === 'undefined'
    ? undefined
    : new ResizeObserver((entries) => entries.forEach(({ target }) => decide(target as HTMLImageElement)))

function decide(image: HTMLImageElement): void {
  const enlarged = (image.clientWidth * devicePixelRatio) / image.naturalWidth
  image.style.imageRendering = image.naturalWidth > 0 && enlarged >= 2 ? 'pixelated' : ''
}
const loaded = ({ target }: Event) => decide(target as HTMLImageElement)

/** `v-crisp` on an `img`. */
export const vCrisp: ObjectDirective<HTMLImageElement> = {
  mounted(image) {
    observer?.observe(image)
    image.addEventListener('load', loaded)
    decide(image)
  },
  unmounted(image) {
    observer?.unobserve(image)
    image.removeEventListener('load', loaded)
  },
}
