// The stored recipes of a figure's images, grouped by equal settings.
import { z } from 'zod'
import { presentNames } from '../../run/earlier-names.ts'
import { MaskedDecodingSchema, SamplingSchema } from '../../run/run.ts'
import type { Figure } from '../figure.ts'

const StageSchema = z.object({
  kind: z.string(),
  sha256: z.string(),
  sampling: SamplingSchema,
  masked: MaskedDecodingSchema.optional(),
})

/** The part of an image's recipe used here; a record may contain more. */
const KeptRecipeSchema = z.object({
  image: z.number(),
  class: z.number().optional(),
  seed: z.number(),
  stage1: StageSchema.optional(),
  stage2: StageSchema.optional(),
  encoder: z.string().optional(),
  codebook: z.string().optional(),
  vqgan: z.string(),
  weightBits: z.number(),
  commonNoise: z.enum(['stage1', 'stage2']).optional(),
  /** sha256 of fixed tokens passed to the run. */
  pinned: z.string().optional(),
  provider: z.string(),
})
export type KeptRecipe = z.infer<typeof KeptRecipeSchema>
export type KeptStage = z.infer<typeof StageSchema>

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
