// The colors of a figure's tokens: those recorded in it, else those of the codebooks in use.
import { colouringOf, type Colouring } from '../../shared/colour/token-palette.ts'
import type { Rgb } from '../../shared/colour/oklch.ts'
import { RequestError } from '../../shared/errors.ts'
import type { TokenColours } from '../../shared/atlas/token-colours.ts'
import { hex } from '../../shared/figures/colour.ts'
import type { Content } from '../../shared/figures/content.ts'
import {
  colouredGrids,
  panelImages,
  panelsOf,
  type Figure,
  type FigureColours,
} from '../../shared/figures/figure.ts'
import { refKey } from '../../shared/figures/image-ref.ts'
import { recipeGroups, type KeptRecipe } from '../../shared/figures/paper/kept-recipe.ts'
import { shortHash } from '../../shared/models/model-hash.ts'
import type { GridName } from '../../shared/grid/layout.ts'
import type { FigureImages } from './figure-images.ts'

/** Colors of a codebook's tokens, as `readTokenColours` of the engine returns them. */
export type ColourSource = (tokens: GridName) => Promise<TokenColours>

/**
 * The color of every token that panels show; undefined for a figure without a choice, which keeps its hues.
 * @throws RequestError if tokens have no color in the figure and the models to compute it from are not there
 */
export async function figureColours(
  figure: Figure,
  { images, kept }: Pick<FigureImages, 'images' | 'kept'>,
  source: ColourSource | undefined,
): Promise<FigureColours | undefined> {
  const palette = figure.tokenColours
  if (palette === undefined) return undefined
  const recorded = figure.colours?.palette === palette ? figure.colours : undefined
  const found: Partial<Record<GridName, Record<string, string>>> = {}
  for (const [grid, refs] of shownImages(figure)) {
    const known = recorded?.[grid] ?? {}
    const tokens = [...new Set(refs.flatMap((ref) => Array.from(images.get(ref)?.tokens[grid] ?? [])))]
    const missing = tokens.filter((token) => known[token] === undefined)
    const words = `tokenColours "${palette}": the figure has no colors for ${missing.length} ${grid} tokens`
    const colouring =
      missing.length === 0 || palette === 'distinct' || palette === 'blue-yellow'
        ? colouringOf(palette)
        : await computed(palette, grid, recipesOf(refs, kept), source, words)
    found[grid] = Object.fromEntries(
      tokens.map((token) => [token, known[token] ?? `#${hex(colouring(token))}`]),
    )
  }
  return { palette, ...found }
}

/** The recorded color of a token. */
export const recordedColour =
  (colours: FigureColours): NonNullable<Content['colourOf']> =>
  (grid, token): Rgb => {
    const value = parseInt(colours[grid]![token]!.slice(1), 16)
    return [value >> 16, (value >> 8) & 255, value & 255]
  }

/** @param made how the images were made: with other models, their tokens mean something else */
async function computed(
  palette: 'meaning' | 'appearance',
  grid: GridName,
  made: readonly KeptRecipe[],
  source: ColourSource | undefined,
  words: string,
): Promise<Colouring> {
  if (!source) throw new RequestError(`${words}, and no models were given to compute them from`)
  const tables = await source(grid).catch((error: Error) => {
    throw new RequestError(`${words}, and they cannot be computed: ${error.message}`, { cause: error })
  })
  const other = made
    .flatMap(({ stage1, codebook, vqgan }) => (grid === 'codes' ? [vqgan] : [stage1?.sha256, codebook]))
    .find((sha256) => sha256 !== undefined && !tables.models.includes(sha256))
  if (other !== undefined)
    throw new RequestError(
      `${words}, and an image was made with a model that is not open (sha256 ${shortHash(other)})`,
    )
  if (palette === 'appearance' && !tables.appearance) throw new RequestError(`${words}. ${tables.lacks}`)
  return colouringOf(palette, tables)
}

/** The colors of a grid whose image was made with these models (sha256); undefined: the hues of earlier versions. */
export type GridColours = (grid: GridName, models: readonly string[]) => Promise<Colouring | undefined>

/** Colors of whole grids in the palette of a figure: distinct where the models to compute them from are not there. */
export function gridColours(palette: Figure['tokenColours'], source: ColourSource | undefined): GridColours {
  const known = new Map<GridName, Promise<TokenColours | undefined>>()
  return async (grid, models) => {
    if (palette === undefined) return undefined
    if (palette === 'distinct' || palette === 'blue-yellow') return colouringOf(palette)
    const found = known.get(grid) ?? Promise.resolve(source?.(grid)).catch(() => undefined)
    known.set(grid, found)
    const tables = await found
    const fits = tables && models.every((sha256) => tables.models.includes(sha256))
    return fits ? colouringOf(palette, tables) : colouringOf('distinct')
  }
}

/** `refKey` of the images whose tokens are shown as colors, by grid. */
function shownImages(figure: Figure): Map<GridName, string[]> {
  const shown = new Map<GridName, string[]>()
  for (const panel of panelsOf(figure))
    for (const grid of colouredGrids(panel))
      shown.set(grid, [...(shown.get(grid) ?? []), ...panelImages(panel).map(refKey)])
  return shown
}

function recipesOf(refs: readonly string[], kept: FigureImages['kept']): KeptRecipe[] {
  const images = Object.fromEntries(refs.flatMap((ref) => (kept[ref] ? [[ref, kept[ref]]] : [])))
  return recipeGroups({ images }).map(({ recipe }) => recipe)
}
