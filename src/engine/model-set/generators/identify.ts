// A checkpoint -> the generators of other families in it, by their tensors.
import { FAMILIES, FAMILY_NAMES, type FamilyName } from '../../../shared/generators/families.ts'
import { dataAt, type Weights } from '../../checkpoint/index.ts'
import { GENERATORS } from '../../models/generators/index.ts'
import { modelTensors } from '../../models/tensors.ts'
import { extent } from '../extent.ts'
import { settled, withoutPath, type Facts, type Identity } from '../identity.ts'
import { placesOf, type Place } from '../places.ts'

/** For graphs that are built for their tensors alone: a size that any model can have. */
const ANY_HEADS = 1
/** Pixels along a side of a cell, for the picture size in a configuration. */
const CELL = 16

export const generators = (weights: Weights): Identity[] =>
  FAMILY_NAMES.flatMap((family) =>
    placesOf(weights, family).map((place) => generator(weights, family, place)),
  )

function generator(weights: Weights, family: FamilyName, place: Place): Identity {
  const { title } = FAMILIES[family]
  const size = extent(weights, place.prefix)
  try {
    const { network, sizes } = GENERATORS[family]
    const { dim, layers, heads, codes, classes } = sizes(modelTensors(weights, place.prefix))
    const facts: Facts = {
      family,
      width: dim,
      layers,
      ...(heads === undefined ? {} : { heads }),
      ...(codes === undefined ? {} : { codes }),
      ...(classes === undefined ? {} : { classes }),
      ...sideOf(weights),
      ...size,
    }
    const summary = [
      `${title} generator`,
      `${dim} wide`,
      `${layers} layers`,
      ...(codes === undefined ? [] : [`${codes} codes`]),
      ...(classes === undefined ? [] : [classes === 0 ? 'unconditional' : `${classes} classes`]),
      size.size,
      size.precision,
    ].join(', ')
    const hints = { heads: heads ?? ANY_HEADS, ...(codes === undefined ? { codes: 1 } : {}) }
    return settled(weights, family, { kind: 'generator', ...place, summary, facts }, (tensors) => [
      network(tensors, hints).step(),
    ])
  } catch (error) {
    const problem = withoutPath(error, weights.path)
    return { kind: 'generator', ...place, summary: `${title} generator`, facts: { family, ...size }, problem }
  }
}

/** Side of the grid, where the training's arguments have the picture size (LlamaGen): no tensor says it. */
function sideOf(weights: Weights): Facts {
  const pixels = dataAt(weights.data, 'args.image_size')
  return typeof pixels === 'number' && pixels % CELL === 0 ? { side: pixels / CELL } : {}
}
