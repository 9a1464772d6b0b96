// A lasso on a map <-> a few characters of the address, and the points inside it.

export interface Lasso {
  /** The map it was drawn on. */
  readonly map: 'pca' | 'umap'
  /** Corners in the map's own coordinates, [x, y] after [x, y]. */
  readonly corners: readonly number[]
}

/** Limit of corners in an address; a drawn lasso has hundreds. */
const MOST_CORNERS = 40

/** Reduces the corners, evenly along the path, in four digits. */
export function simplified(map: Lasso['map'], drawn: readonly number[]): Lasso {
  const count = drawn.length / 2
  const kept = Math.min(count, MOST_CORNERS)
  const corners = Array.from({ length: kept }, (_, i) => Math.floor((i * count) / kept)).flatMap((i) =>
    [drawn[2 * i]!, drawn[2 * i + 1]!].map((value) => Number(value.toPrecision(4))),
  )
  return { map, corners }
}

/** `pca:0.12,0.3,1,2,...` */
export const lassoText = ({ map, corners }: Lasso): string => `${map}:${corners.join(',')}`

/** Undefined if the text is not a lasso. */
export function textToLasso(text: string | undefined): Lasso | undefined {
  const [, map, numbers] = /^(pca|umap):([-\d.,e+]+)$/.exec(text ?? '') ?? []
  const corners = numbers?.split(',').map(Number) ?? []
  if (corners.length < 6 || corners.length % 2 > 0 || !corners.every(Number.isFinite)) return undefined
  return { map: map as Lasso['map'], corners }
}

/** The points of a plane [count, 2] inside the lasso, by the even-odd rule. */
export function pointsInside(plane: Float32Array, { corners }: Lasso): Set<number> {
  const inside = new Set<number>()
  for (let k = 0; k < plane.length / 2; k++)
    if (isInside(plane[2 * k]!, plane[2 * k + 1]!, corners)) inside.add(k)
  return inside
}

function isInside(x: number, y: number, corners: readonly number[]): boolean {
  let odd = false
  for (let i = 0, j = corners.length - 2; i < corners.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [corners[i]!, corners[i + 1]!, corners[j]!, corners[j + 1]!]
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd
  }
  return odd
}
