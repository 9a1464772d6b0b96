// One code of an image of a generator of another family, as its record has it.
import type { CellLogits } from '../../shared/contract/api.ts'
import { RequestError } from '../../shared/errors.ts'
import type { FamilyName } from '../../shared/generators/families.ts'
import type { GeneratorSettings } from '../../shared/generators/settings.ts'
import type { Graph } from '../graph/index.ts'
import type { Label } from '../models/generators/generator.ts'
import { layersOf, type ImageRecord } from '../records/image-record.ts'
import type { Session } from '../session/index.ts'
import { isDrawn, type DrawnGrid } from '../tokens/grid.ts'

/** The code, and what it takes to compute its distribution again. */
export interface DrawnCode {
  readonly family: FamilyName
  readonly label: Label
  /** As recorded. */
  readonly settings: GeneratorSettings
  /** To weigh the tokens with: the recorded ones, unless others were requested. */
  readonly weighed: GeneratorSettings
  /** All codes of the image, those of several scales one after another. */
  readonly codes: Pick<DrawnGrid, 'tokens' | 'steps' | 'pinned' | 'logProbabilities'>
  /** The index of the code among them. */
  readonly at: number
  /** Opens a network of the generator, or the one that is still open. Weights stay in the mapped file. */
  open(what: string, graph: () => Graph): Promise<Session>
}

/** What an order of drawing finds. */
export type WeighedLogits = Pick<CellLogits, 'logits' | 'rule' | 'mask'>

/** The codes of an image, and the index of one among them. */
export function codeOf(record: ImageRecord, layer: string, cell: number): Pick<DrawnCode, 'codes' | 'at'> {
  const layers = layersOf(record)
  const names = Object.keys(layers)
  const name = layer === 'codes' ? names.at(-1)! : layer
  const grid = layers[name]
  if (!grid) throw new RequestError(`layer: not in this image (found ${layer}, expected ${names.join(', ')})`)
  if (cell >= grid.tokens.length)
    throw new RequestError(`cell: out of range (found ${cell}, expected 0 to ${grid.tokens.length - 1})`)
  if (!isDrawn(grid)) throw new RequestError('the record does not say how the tokens were sampled')
  const before = names.slice(0, names.indexOf(name)).flatMap((one) => [...layers[one]!.tokens])
  return {
    codes: before.length === 0 ? grid : { ...grid, tokens: Int32Array.from([...before, ...grid.tokens]) },
    at: before.length + cell,
  }
}
