// Tensors of a generator -> its sizes.
import { ModelError } from '../../../shared/errors.ts'
import type { ModelTensors } from '../tensors.ts'

/** Rows and columns of a matrix. Throws ModelError if it is missing or is not one. */
export function matrix(tensors: ModelTensors, name: string): [rows: number, columns: number] {
  const { shape } = tensors.get(name)
  if (shape.length !== 2)
    throw new ModelError(`${tensors.file}: ${name} has shape [${shape.join(', ')}], expected 2 dimensions`)
  return [shape[0]!, shape[1]!]
}

/** The number of blocks: `name(i)` of the first that is missing. */
export function layersOf(tensors: ModelTensors, name: (layer: number) => string): number {
  let layers = 0
  while (tensors.has(name(layers))) layers++
  if (layers === 0) throw new ModelError(`${tensors.file}: tensor ${name(0)} is missing`)
  return layers
}

/** Sizes that tell the models of a family apart. */
export interface Sizes {
  readonly dim: number
  readonly layers: number
  /** As the tensors say, or as the published model of this width and depth has; undefined where neither says. */
  readonly heads: number | undefined
}

/** Heads of a published size. */
export const publishedHeads = (
  sizes: readonly (readonly [dim: number, layers: number, heads: number])[],
  dim: number,
  layers: number,
): number | undefined => sizes.find(([d, l]) => d === dim && l === layers)?.[2]

/** The number of heads: as given, or as known. Throws ModelError if neither is there, or if it does not divide the width. */
export function headsOf(
  file: string,
  { dim, layers, heads: known }: Sizes,
  given: number | undefined,
): number {
  const heads = given ?? known
  if (heads === undefined)
    throw new ModelError(
      `${file}: number of heads: unknown (found ${dim} wide, ${layers} layers, which is not a published size, and no tensor says it; set it with --heads)`,
    )
  if (heads < 1 || dim % heads !== 0)
    throw new ModelError(`${file}: ${dim} dimensions are not divisible by ${heads} heads`)
  return heads
}

/** Throws ModelError unless a count that a tensor implies is as the published code has it. */
export function expectCount(file: string, what: string, found: number, expected: number): void {
  if (found !== expected) throw new ModelError(`${file}: ${what} (found ${found}, expected ${expected})`)
}
