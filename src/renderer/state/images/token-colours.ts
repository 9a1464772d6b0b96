// Token -> color by the chosen palette, from the colors of the codebooks in use, which are requested once per codebook.
import { colouringOf, tokenPixels, type Colouring } from '../../../shared/colour/token-palette.ts'
import type { Rgb } from '../../../shared/colour/oklch.ts'
import type { TokenColours } from '../../../shared/atlas/token-colours.ts'
import { GridNameSchema, type GridName } from '../../../shared/grid/layout.ts'
import { palette } from '../app/appearance.ts'
import { asking, valueOf, type Asked } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { atlasInUse, atlases } from '../clusters/atlases.ts'
import { fileOf, modelSet } from '../models/models-in-use.ts'
import { runOf } from '../sample/runs.ts'

const found = asking(8, (key) => calls().readTokenColours(GridNameSchema.parse(key.split('/')[0])))

const PENDING: Rgb = [140, 140, 140]

const codebookOf = (grid: GridName) => fileOf(grid === 'codes' ? 'vqgan' : 'codebook')?.sha256

/** Colors of the codebook in use; undefined while there is none, or pending. A new atlas may bring colors of patches. */
export function coloursInUse(grid: GridName): Asked<TokenColours> {
  const codebook = codebookOf(grid)
  return codebook === undefined ? undefined : found.of(`${grid}/${codebook}/${atlasInUse(grid)?.id ?? ''}`)
}
/** Call when an atlas was built again. */
export const refreshColours = (): void => found.again()
export const retryColours = (): void => found.retry()

/**
 * Whether the run's tokens are those of the codebook in use: the numbers of another codebook mean something else. A run
 * that names none of these models is taken to fit.
 */
export function isOfCodebook(grid: GridName, run: string | undefined): boolean {
  const models = runOf(run)?.models
  if (!models || !modelSet.value) return true
  const own = codebookOf(grid)
  const fits = ({ role, sha256 }: { readonly role: string; readonly sha256: string }) => {
    if (role === (grid === 'codes' ? 'vqgan' : 'codebook')) return sha256 === own
    if (grid === 'codes' || (role !== 'stage1' && role !== 'stage1Class')) return true
    return modelSet.value!.files.some((file) => file.sha256 === sha256)
  }
  return models.every(fits)
}

/** The color of each token of a grid; of a run made with other codebooks, distinct colors. */
export function colouring(grid: GridName, run?: string): Colouring {
  if (palette.value === 'distinct' || palette.value === 'blue-yellow') return colouringOf(palette.value)
  if (!isOfCodebook(grid, run)) return colouringOf('distinct')
  const tables = coloursInUse(grid)
  // Gray for a moment is less of a flicker than one palette after another.
  const isPending = tables === undefined && (!modelSet.value || codebookOf(grid) !== undefined)
  return isPending ? () => PENDING : colouringOf(palette.value, valueOf(tables))
}

/** As RGBA pixels. */
export const colouredPixels = (tokens: ArrayLike<number>, grid: GridName, run?: string) =>
  tokenPixels(tokens, colouring(grid, run))

/** For CSS; of a cluster in an atlas, distinct if it is of another codebook than the one in use. */
export function atlasColour(entry: number, atlas: string): string {
  const { tokens, codebook } = atlases.value?.find(({ id }) => id === atlas) ?? {}
  const fits = tokens !== undefined && codebook === codebookOf(tokens)
  return cssOf((fits ? colouring(tokens) : colouringOf('distinct'))(entry))
}

export const cssOf = (rgb: Rgb): string => `rgb(${rgb.join(' ')})`
export const cssColour = (token: number, grid: GridName, run?: string): string =>
  cssOf(colouring(grid, run)(token))
