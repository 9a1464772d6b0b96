// A generator's number of classes -> their names.
import { imagenetClassNames } from '../resources.ts'

/** Public checkpoints were trained on ImageNet; files that do not say their number of classes, too. */
const IMAGENET = 1000

/** Those of the set if they are as many, else ImageNet's for 1000 classes, else none. */
export async function generatorClassNames(
  classes: unknown,
  ofSet: readonly string[],
): Promise<readonly string[]> {
  const count = typeof classes === 'number' ? classes : IMAGENET
  if (count === ofSet.length) return ofSet
  return count === IMAGENET ? imagenetClassNames() : []
}
