// One token of one grid -> the images of a run that contain it: searched in batches, those on screen first, until stopped.
import type { GridName } from '../../../shared/grid/layout.ts'
import { shallowRef } from 'vue'
import type { ImageEntry } from '../../../shared/contract/api.ts'
import { calls } from '../app/calls.ts'

export interface TokenSearch {
  readonly run: string
  readonly grid: GridName
  readonly token: number
  /** Number of images in the run, and how many have been searched. */
  readonly total: number
  readonly looked: number
  readonly going: boolean
  readonly problem?: string
  /** Image -> its cells with the token. */
  readonly found: ReadonlyMap<number, readonly number[]>
}

/** Images per call: a few milliseconds of reading, so that other calls do not wait. */
const PIECE = 64
/** Number of images whose tokens are cached: 1 kB each. */
const REMEMBERED = 20_000

export const tokenSearch = shallowRef<TokenSearch>()

type Grids = { readonly [grid in GridName]?: Uint16Array }
const remembered = new Map<string, Grids>()
let turn = 0

/** Starts a search for a token; cancels the previous search. */
export async function searchToken(
  run: string,
  grid: GridName,
  token: number,
  images: readonly ImageEntry[],
  near: number,
): Promise<void> {
  const mine = ++turn
  const order = nearFirst(images, near)
  const found = new Map<number, readonly number[]>()
  let looked = 0
  const tell = (going: boolean, problem?: string) => {
    if (turn !== mine) return
    const told = { run, grid, token, total: order.length, looked, going, found: new Map(found) }
    tokenSearch.value = problem === undefined ? told : { ...told, problem }
  }
  const take = (image: number, grids: Grids) => {
    const cells = cellsOf(grids[grid], token)
    if (cells.length > 0) found.set(image, cells)
  }
  tell(true)
  try {
    for (let from = 0; from < order.length && turn === mine; from += PIECE) {
      const piece = order.slice(from, from + PIECE)
      const unknown: number[] = []
      for (const image of piece) {
        const grids = remembered.get(`${run}/${image}`)
        if (grids) take(image, grids)
        else unknown.push(image)
      }
      if (unknown.length > 0)
        for (const { image, discriminative, codes } of await calls().readTokens(run, unknown)) {
          const grids = {
            codes: Uint16Array.from(codes),
            ...(discriminative ? { discriminative: Uint16Array.from(discriminative) } : {}),
          }
          remember(`${run}/${image}`, grids)
          take(image, grids)
        }
      looked += piece.length
      tell(from + PIECE < order.length)
    }
    if (order.length === 0) tell(false)
  } catch (error) {
    tell(false, error instanceof Error ? error.message : String(error))
  }
}

/** Stops the search; results are kept. */
export function stopSearch(): void {
  turn++
  if (tokenSearch.value?.going) tokenSearch.value = { ...tokenSearch.value, going: false }
}

/** Clears the search. */
export function endSearch(): void {
  turn++
  tokenSearch.value = undefined
}

/** The images around the one shown, nearest first; then the others in order. */
export function nearFirst(images: readonly ImageEntry[], place: number): number[] {
  const around = 2 * PIECE
  const from = Math.max(0, place - around / 2)
  const close = images
    .slice(from, from + around)
    .map(({ image }, i) => ({ image, far: Math.abs(from + i - place) }))
  close.sort((a, b) => a.far - b.far)
  const rest = [...images.slice(0, from), ...images.slice(from + around)]
  return [...close, ...rest].map(({ image }) => image)
}

function cellsOf(tokens: Uint16Array | undefined, token: number): number[] {
  const cells: number[] = []
  for (let at = tokens?.indexOf(token) ?? -1; at >= 0; at = tokens!.indexOf(token, at + 1)) cells.push(at)
  return cells
}

function remember(key: string, grids: Grids): void {
  remembered.set(key, grids)
  for (const old of remembered.keys()) {
    if (remembered.size <= REMEMBERED) return
    remembered.delete(old)
  }
}
