// A picture <-> the address that shows its regions, and the short name of one of its patches in other addresses.
import type { PictureRef } from '../../../shared/atlas/regions.ts'
import { DIGIT_GRID } from '../../../shared/grid/layout.ts'
import { gridOfSide, type GridShape } from '../../../shared/grid/shape.ts'
import type { Address } from '../app/address.ts'

type Shown = Pick<Address, 'run' | 'image' | 'query'>

/** `#/regions/RUN/3`, `#/regions/RUN/3?of=original`, `#/regions/ATLAS/17?of=atlas`, `#/regions/ID?of=picture`. */
export function pictureIn({ run, image, query }: Shown): PictureRef | undefined {
  if (run === undefined) return undefined
  if (query.of === 'picture') return { of: 'picture', picture: run }
  if (image === undefined) return undefined
  if (query.of === 'atlas') return { of: 'atlas', atlas: run, image }
  return { of: query.of === 'original' ? 'original' : 'run', run, image }
}

/** Other view state is kept in `query`. */
export function regionsAddress(
  picture: PictureRef,
  { of: _, ...query }: Address['query'] = {},
): Address & { readonly page: 'regions' } {
  switch (picture.of) {
    case 'picture':
      return { page: 'regions', run: picture.picture, query: { ...query, of: 'picture' } }
    case 'atlas':
      return { page: 'regions', run: picture.atlas, image: picture.image, query: { ...query, of: 'atlas' } }
    case 'original':
      return { page: 'regions', run: picture.run, image: picture.image, query: { ...query, of: 'original' } }
    case 'run':
      return { page: 'regions', run: picture.run, image: picture.image, query }
  }
}

export interface PatchName {
  readonly picture: PictureRef
  readonly cell: number
  /** Of the picture. */
  readonly grid: GridShape
}

/** `atlas:ATLAS:17:123`, `run:RUN:3:44`, `picture:ID::9`; in another grid than DiGIT's with its side, `run:RUN:3:570:24`. */
export function formatPatch({ picture, cell, grid }: PatchName): string {
  const place = grid.side === DIGIT_GRID.side ? cell : `${cell}:${grid.side}`
  if (picture.of === 'picture') return `picture:${picture.picture}::${place}`
  return `${picture.of}:${picture.of === 'atlas' ? picture.atlas : picture.run}:${picture.image}:${place}`
}

/** Undefined if invalid. */
export function parsePatch(text: string | undefined): PatchName | undefined {
  const [, of = '', run = '', image = '', cell = '', side] =
    /^(run|original|atlas|picture):([\w.@-]+):(\d{0,7}):(\d{1,4})(?::(\d{1,2}))?$/.exec(text ?? '') ?? []
  const grid = side === undefined ? DIGIT_GRID : gridOfSide(Number(side))
  if (of === '' || Number(cell) >= grid.cells) return undefined
  const picture = pictureIn({ run, query: { of }, ...(image === '' ? {} : { image: Number(image) }) })
  return picture && { picture, cell: Number(cell), grid }
}
