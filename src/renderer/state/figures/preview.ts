// The draft -> a preview of the page: laid out by the engine, drawn as SVG, images fetched at screen size.
import { computed, shallowRef, watch } from 'vue'
import type { DisplayList, ImageItem } from '../../../shared/figures/display.ts'
import { svgText } from '../../../shared/figures/svg.ts'
import { FONT_FAMILIES, type FontFamily } from '../../../shared/figures/page.ts'
import type { FigureProblem, LaidOut } from '../../../shared/figures/figures.ts'
import { calls } from '../app/calls.ts'
import { draft, openId, problems } from './composer.ts'
import { draftText, isRight, type Draft } from './draft.ts'

/** Delay after the last change. */
const WAIT_MS = 180

export const laid = shallowRef<LaidOut>()
export const problem = shallowRef<FigureProblem>()
/** Why the figure cannot be exported. */
export const exportProblem = computed(() =>
  problems.value.size > 0 ? 'A field of the figure is invalid' : problem.value?.problem,
)
/** True while waiting for the layout. */
export const laying = shallowRef(false)
let asked = 0
let timer: ReturnType<typeof setTimeout> | undefined

watch([draft, openId], ([now, id], [, before]) => {
  clearTimeout(timer)
  if (id !== before) laid.value = problem.value = undefined
  if (id === undefined || !now || !isRight(now)) return
  const soon = laid.value === undefined && problem.value === undefined
  timer = setTimeout(() => void layOut(id, now), soon ? 0 : WAIT_MS)
})

/** After a reconnect, or when images were restored. */
export function layOutAgain(): void {
  if (openId.value !== undefined && draft.value) void layOut(openId.value, draft.value)
}

async function layOut(id: string, now: Draft): Promise<void> {
  const turn = ++asked
  laying.value = true
  try {
    const answer = await calls().previewFigure(id, draftText(now))
    if (turn !== asked) return
    // The last valid layout stays visible below the current problems.
    if ('problem' in answer) problem.value = answer
    else [laid.value, problem.value] = [Object.freeze(answer), undefined]
  } catch (error) {
    if (turn === asked) problem.value = { problem: (error as Error).message }
  } finally {
    if (turn === asked) laying.value = false
  }
}

const TRANSPARENT = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='

export interface Drawn {
  readonly svg: Element
  /** Item of the list -> its element. */
  readonly images: ReadonlyMap<number, Element>
}

/** The SVG of the export, without its images, which are added later. */
export async function drawnSvg({ list }: LaidOut, family: string): Promise<Drawn> {
  const known = FONT_FAMILIES.find((name) => name === family) ?? ('Tinos' satisfies FontFamily)
  let text = ''
  for await (const piece of svgText(list, known, async () => TRANSPARENT)) text += piece
  const svg = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement
  const places = list.items.flatMap((item, i) => (item.kind === 'image' ? [i] : []))
  const elements = [...svg.querySelectorAll('image')]
  return { svg, images: new Map(places.map((place, i) => [place, elements[i]!])) }
}

const AT_ONCE = 16
const KEPT = 4000
const DPIS = [50, 75, 100, 150, 200, 300, 400, 600, 1200, 2400]
const painted = new Map<string, string>()
const keyOf = ({ source, crop, width, height }: ImageItem, dpi: number, enlarge: string) =>
  JSON.stringify([source, crop, width.toFixed(2), height.toFixed(2), dpi, enlarge])

/** Image size that is sharp at this screen resolution, but no larger than in print. */
export function paintDpi(pixelsPerInch: number, most: number): number {
  return Math.min(most, DPIS.find((dpi) => dpi >= pixelsPerInch) ?? DPIS.at(-1)!)
}

/** Inserts the images of a drawn figure, cached ones first. Stops when the signal aborts. */
export async function paintImages(
  { preview, list }: LaidOut,
  { images }: Drawn,
  { dpi, enlarge }: { dpi: number; enlarge: string },
  signal: AbortSignal,
): Promise<void> {
  const put = (place: number, url: string) =>
    images.get(place)?.setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', url)
  const missing: { place: number; key: string }[] = []
  for (const place of images.keys()) {
    const key = keyOf(imageAt(list, place), dpi, enlarge)
    const known = painted.get(key)
    if (known) put(place, known)
    else missing.push({ place, key })
  }
  for (let from = 0; from < missing.length && !signal.aborted; from += AT_ONCE) {
    const batch = missing.slice(from, from + AT_ONCE)
    const pngs = await calls().paintFigure(
      preview,
      batch.map(({ place }) => place),
      dpi,
    )
    for (const [i, { place, key }] of batch.entries()) {
      const url = URL.createObjectURL(new Blob([Uint8Array.from(pngs[i]!)], { type: 'image/png' }))
      painted.set(key, url)
      put(place, url)
    }
  }
  for (const [key, url] of painted) {
    if (painted.size <= KEPT) break
    URL.revokeObjectURL(url)
    painted.delete(key)
  }
}

const imageAt = ({ items }: DisplayList, place: number): ImageItem => items[place] as ImageItem

export interface CellBox {
  readonly panel: number
  readonly cell: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly item: ImageItem
}

/** Boxes of the cells of every panel, in points; insets and scales are not cells. */
export function cellBoxes({ panels, items }: DisplayList): readonly CellBox[] {
  return panels.flatMap(({ first, end }, panel) =>
    items.slice(first, end).flatMap((item) => {
      if (item.kind !== 'image' || item.cell === undefined) return []
      const { x, y, width, height, cell } = item
      return [{ panel, cell, x, y, width, height, item }]
    }),
  )
}
