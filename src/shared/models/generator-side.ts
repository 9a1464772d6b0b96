// The cells along a side of a generator's grid, which no tensor says: of its file's facts, of its name, or as is usual.
import { familyOf, type FamilyName } from '../generators/families.ts'
import type { ModelFile } from './models.ts'

/** Pixels along a side of a cell of the published models. */
const CELL = 16

type File = Pick<ModelFile, 'facts' | 'path'>

/** The grids that models of this family were published with; none where the tensors say it. */
export const sidesOf = (family: FamilyName): readonly number[] => familyOf(family).sides ?? []
export const pixelsOf = (side: number): number => side * CELL

/** What the arguments of its training say. */
export const trainedSide = ({ facts }: File): number | undefined =>
  typeof facts.side === 'number' ? facts.side : undefined

/** What its name says, as `c2i_L_384.pt`; undefined for the usual one, too. */
export const namedSide = (family: FamilyName, { path }: File): number | undefined =>
  sidesOf(family)
    .slice(1)
    .find((side) => new RegExp(`_${pixelsOf(side)}\\.[a-z]+$`).test(path))
