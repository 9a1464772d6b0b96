// A pointer press -> either a click, or a drawn path; Esc cancels a path.

/** Pixels that the pointer may move during a click. */
const STILL = 4

export interface Drag {
  /** In the element's own pixels. */
  readonly along: (x: number, y: number) => void
  readonly end: (dragged: boolean) => void
  readonly cancel: () => void
}

/** Called with the `pointerdown` on the element that is drawn on. */
export function dragAlong(down: PointerEvent, { along, end, cancel }: Drag): void {
  const element = down.currentTarget as HTMLElement
  const { left, top } = element.getBoundingClientRect()
  let dragged = false
  const listening = new AbortController()
  const { signal } = listening
  element.setPointerCapture(down.pointerId)
  const move = ({ clientX, clientY }: PointerEvent) => {
    dragged ||= Math.hypot(clientX - down.clientX, clientY - down.clientY) > STILL
    if (dragged) along(clientX - left, clientY - top)
  }
  const stop = (finish: () => void) => {
    listening.abort()
    finish()
  }
  element.addEventListener('pointermove', move, { signal })
  element.addEventListener('pointerup', () => stop(() => end(dragged)), { signal })
  element.addEventListener('pointercancel', () => stop(cancel), { signal })
  const escape = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    // The key is consumed here: an existing lasso is kept.
    event.preventDefault()
    stop(cancel)
  }
  addEventListener('keydown', escape, { signal, capture: true })
}
