// The stored recipes of a figure's images, grouped by equal settings.
import * as z from 'zod'
import { presentNames } from '../../run/earlier-names.ts'
import { SAMPLED_WITH } from '../../run/sampled-with.ts'
import type { Figure } from '../figure.ts'

/** The part of an image's recipe used here; a record may contain more. */
const KeptRecipeSchema = z.object({
  ...SAMPLED_WITH,
  image: z.number(),
  class: z.number().optional(),
  encoder: z.string().optional(),
  codebook: z.string().optional(),
  vqgan: z.string(),
  /** K of each token layer. Absent in records of 0.1. */
  codebooks: z.object({ discriminative: z.number().optional(), codes: z.number().optional() }).optional(),
  weightBits: z.number(),
  provider: z.string(),
})
export type KeptRecipe = z.infer<typeof KeptRecipeSchema>

/** Images made with the same settings except for their numbers and classes. */
export interface RecipeGroup {
  readonly recipe: KeptRecipe
  /** Numbers within their run, ascending. */
  readonly images: readonly number[]
  readonly classes: readonly number[]
}

/** Of the images with these keys (`refKey`). @default all images of the figure */
export function recipeGroups(
  { images = {} }: Pick<Figure, 'images'>,
  keys: Iterable<string> = Object.keys(images),
): readonly RecipeGroup[] {
  const groups = new Map<string, { recipe: KeptRecipe; images: Set<number>; classes: Set<number> }>()
  for (const key of new Set(keys)) {
    const { data: recipe } = KeptRecipeSchema.safeParse(presentNames(images[key]?.recipe))
    if (!recipe) continue
    const settings = JSON.stringify({ ...recipe, image: 0, class: 0 })
    const group = groups.get(settings) ?? { recipe, images: new Set(), classes: new Set() }
    group.images.add(recipe.image)
    if (recipe.class !== undefined) group.classes.add(recipe.class)
    groups.set(settings, group)
  }
  const ascending = (set: ReadonlySet<number>) => [...set].sort((a, b) => a - b)
  return [...groups.values()].map(({ recipe, images, classes }) => ({
    recipe,
    images: ascending(images),
    classes: ascending(classes),
  }))
}
