// A picture <-> the address that shows its regions, and the short name of one of its patches in other addresses.
import type { PictureRef } from '../../../shared/atlas/regions.ts'
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
}

/** `atlas:ATLAS:17:123`, `run:RUN:3:44`, `picture:ID::9`. */
export function formatPatch({ picture, cell }: PatchName): string {
  if (picture.of === 'picture') return `picture:${picture.picture}::${cell}`
  return `${picture.of}:${picture.of === 'atlas' ? picture.atlas : picture.run}:${picture.image}:${cell}`
}

/** Undefined if invalid. */
export function parsePatch(text: string | undefined): PatchName | undefined {
  const [, of = '', run = '', image = '', cell = ''] =
    /^(run|original|atlas|picture):([\w.@-]+):(\d{0,7}):(\d{1,3})$/.exec(text ?? '') ?? []
  if (of === '' || Number(cell) > 255) return undefined
  const picture = pictureIn({ run, query: { of }, ...(image === '' ? {} : { image: Number(image) }) })
  return picture && { picture, cell: Number(cell) }
}
