// The picture of "find by picture": a dropped or selected image file, or an image of the atlas.
import { computed, shallowRef } from 'vue'
import { MAX_HANDED_BYTES } from '../../../shared/contract/handed-pictures.ts'
import type { PictureClusters } from '../../../shared/atlas/find-clusters.ts'
import { gridOfCells } from '../../../shared/grid/shape.ts'
import { address, adjust, go } from '../app/address.ts'
import { asking, problemOf, valueOf } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { formatPatch } from '../regions/picture-address.ts'
import { attempt } from '../app/problems.ts'
import { byteWords } from '../app/words.ts'

/** A picture and its clusters. */
export interface Found extends Omit<PictureClusters, 'png'> {
  readonly url: string
}

/** From the address: a file of this session, an image of the atlas, or neither yet. */
export type Wanted = { readonly file: true } | { readonly image: number } | { readonly nothing: true }

const file = shallowRef<File>()
/** Results for the selected file, tokenized for each atlas. */
const ofFile = asking(
  4,
  async (key) => {
    const chosen = file.value!
    if (chosen.size > MAX_HANDED_BYTES)
      throw new Error(
        `${chosen.name}: file too large (found ${byteWords(chosen.size)}, at most ${byteWords(MAX_HANDED_BYTES)})`,
      )
    const bytes = new Uint8Array(await chosen.arrayBuffer())
    return shown(await calls().findClusters(key.slice(0, -1), chosen.name, bytes))
  },
  drop,
)
const ofAtlas = asking(
  32,
  async (key) => {
    const at = key.lastIndexOf('/')
    return shown(await calls().readAtlasImage(key.slice(0, at), Number(key.slice(at + 1))))
  },
  drop,
)

const shown = ({ png, ...rest }: PictureClusters): Found => ({
  ...rest,
  url: URL.createObjectURL(new Blob([Uint8Array.from(png)], { type: 'image/png' })),
})
function drop({ url }: Found): void {
  URL.revokeObjectURL(url)
}

/** The picture to find by, from the address; undefined if none. */
export const wanted = computed((): Wanted | undefined => {
  const { find } = address.value.query
  if (find === undefined) return undefined
  if (/^\d{1,9}$/.test(find)) return { image: Number(find) }
  return find === 'file' && file.value ? { file: true } : { nothing: true }
})
const askedOf = (atlas: string) => {
  const what = wanted.value
  if (!what || 'nothing' in what) return undefined
  return 'image' in what ? ofAtlas.of(`${atlas}/${what.image}`) : ofFile.of(`${atlas}/`)
}
export const foundIn = (atlas: string): Found | undefined => valueOf(askedOf(atlas))
export const findingProblem = (atlas: string): string | undefined => problemOf(askedOf(atlas))
export const findingName = computed(() => {
  const what = wanted.value
  if (what && 'image' in what) return `Image ${what.image}`
  return what && 'file' in what ? file.value!.name : undefined
})

/** Opens the panel for a file. */
export function findByFile(chosen: File): void {
  ofFile.forget('')
  file.value = chosen
  const { run, image } = address.value
  if (image === undefined) adjust({ find: 'file' })
  else go({ page: 'clusters', ...(run === undefined ? {} : { run }), query: { find: 'file' } })
}
/** The address of a cell of the picture; a file is first saved into the workspace. */
export async function patchOf(atlas: string, cell: number): Promise<string | undefined> {
  const grid = gridOfCells(foundIn(atlas)!.tokens.length)
  const what = wanted.value
  if (what && 'image' in what)
    return formatPatch({ picture: { of: 'atlas', atlas, image: what.image }, cell, grid })
  const chosen = file.value
  if (!chosen) return undefined
  const picture = await attempt('Could not save the picture', async () =>
    calls().keepPicture(chosen.name.slice(0, 255), new Uint8Array(await chosen.arrayBuffer())),
  )
  return picture && formatPatch({ picture: { of: 'picture', picture }, cell, grid })
}
export const findByImage = (image: number): void => adjust({ find: String(image) })
export const closeFinding = (): void => adjust({ find: undefined })

/** Call when an atlas was rebuilt, or matching models were opened. */
export function retryFinding(): void {
  ofFile.retry()
  ofAtlas.retry()
}
