// The picture shown in Regions: its address, its neighbors, its patches, and the source of its tokens.
import { cellIn, movedIn } from '../models/grid-in-use.ts'
import { gridOfCells, type GridShape } from '../../../shared/grid/shape.ts'
import { DIGIT_GRID } from '../../../shared/grid/layout.ts'
import type { GridName } from '../../../shared/grid/layout.ts'
import { computed, shallowRef } from 'vue'
import { MAX_JOINT_PICTURES, type PictureRef } from '../../../shared/atlas/regions.ts'
import type { WorkspaceAtlas } from '../../../shared/atlas/atlases.ts'
import { address, adjust, go } from '../app/address.ts'
import { colouringOf, type Colouring } from '../../../shared/colour/token-palette.ts'
import { valueOf } from '../app/asking.ts'
import { tokenNames } from '../clusters/token-labels.ts'
import { colouring, coloursInUse } from '../images/token-colours.ts'
import { finishedAtlases } from '../clusters/atlases.ts'
import { imagesOf } from '../images/images.ts'
import { keptPictures } from './kept-pictures.ts'
import { cosinesTo, patchOf } from './patch-similarity.ts'
import { coloursOf, featuresOf, tokensOfPicture } from './patches.ts'
import { pictureIn, formatPatch, regionsAddress } from './picture-address.ts'
import { borders, clusterAreas, regionsOf } from './regions.ts'

export const picture = computed(() =>
  address.value.page === 'regions' ? pictureIn(address.value) : undefined,
)

const query = computed(() => address.value.query)
export const grid = computed<GridName>(() => (query.value.tokens === 'codes' ? 'codes' : 'discriminative'))
/** Whether to use tokens re-encoded from the pixels even if sampled ones are stored. */
export const encode = computed(() => query.value.encode === '1')
export const merged = computed(() => query.value.merge !== '0')
export const outlined = computed(() => query.value.outlines !== '0')
export const opacity = computed(() => {
  const percent = Number(query.value.opacity ?? 55)
  return percent >= 0 && percent <= 100 ? percent : 55
})
export const foreground = computed(() => query.value.foreground === '1')

/** Number of pictures in the joint PCA. */
export const JOINT = [1, 4, 8, MAX_JOINT_PICTURES] as const
export const joint = computed(() => JOINT.find((count) => String(count) === query.value.joint) ?? 1)

/** The patch grid of the picture, from its tokens. */
export const shape = computed<GridShape>(() =>
  tokens.value ? gridOfCells(tokens.value.tokens.length) : DIGIT_GRID,
)
/** The selected patch, and the one under the pointer. */
export const chosen = computed(() => {
  return cellIn(query.value.cell, shape.value)
})
export const hovered = shallowRef<number>()
/** The cluster hovered in the legend. */
export const pointed = shallowRef<number>()
export const patch = computed(() => hovered.value ?? chosen.value)
export const choose = (cell: number | undefined): void =>
  adjust({ cell: cell === undefined ? undefined : String(cell) })

const asked = computed(
  () => picture.value && tokensOfPicture({ picture: picture.value, grid: grid.value, encode: encode.value }),
)
export const tokens = computed(() => (asked.value && 'value' in asked.value ? asked.value.value : undefined))
/** Whether the tokens are those of the codebook in use, which gives them colors and names. */
const isInUse = computed(() => {
  const known = valueOf(coloursInUse(grid.value))?.codebook
  return tokens.value?.codebook === undefined || known === undefined || tokens.value.codebook === known
})
export const tokenColour = computed<Colouring>(() =>
  isInUse.value ? colouring(grid.value) : colouringOf('distinct'),
)
export const nameOf = (token: number): string | undefined =>
  isInUse.value ? tokenNames(grid.value).get(token) : undefined
export const tokensProblem = computed(() =>
  asked.value && 'problem' in asked.value ? asked.value.problem : undefined,
)
export const areas = computed(() => (tokens.value ? clusterAreas(tokens.value.tokens) : []))
export const regions = computed(() => (tokens.value ? regionsOf(tokens.value.tokens) : []))
export const borderPath = computed(() =>
  tokens.value && outlined.value ? borders(tokens.value.tokens, merged.value) : '',
)

/** Atlases of the tokens' codebook; the picture's own first, then those with most cells. */
export const atlasesHere = computed<readonly WorkspaceAtlas[]>(() => {
  const known = tokens.value
  if (known?.codebook === undefined) return []
  const own = picture.value?.of === 'atlas' ? picture.value.atlas : undefined
  return finishedAtlases.value
    .filter((atlas) => atlas.tokens === grid.value && atlas.codebook === known.codebook)
    .sort((a, b) => Number(b.id === own) - Number(a.id === own) || b.info!.cells - a.info!.cells)
})
export const atlas = computed(
  () => atlasesHere.value.find(({ id }) => id === query.value.atlas) ?? atlasesHere.value[0],
)

/** Address of the cluster page of a cell's token, which also shows this region; undefined without an atlas. */
export function clusterAddress(token: number, cell: number | undefined) {
  if (!atlas.value || !picture.value) return undefined
  const from =
    cell === undefined ? {} : { from: formatPatch({ picture: picture.value, cell, grid: shape.value }) }
  return { page: 'clusters' as const, run: atlas.value.id, image: token, query: from }
}

/** Opens the cluster of a cell; without an atlas, selects the cell, and the panel shows what is missing. */
export function openCluster(cell: number): void {
  const token = tokens.value?.tokens[cell]
  if (token === undefined) return
  choose(cell)
  const to = clusterAddress(token, cell)
  if (to) go(to)
}

/** The sibling pictures, in order. */
const siblings = computed<readonly PictureRef[]>(() => {
  const shown = picture.value
  if (!shown) return []
  if (shown.of === 'picture')
    return (keptPictures() ?? []).map(({ id }) => ({ of: 'picture', picture: id }) as const)
  if (shown.of === 'atlas') {
    const images = finishedAtlases.value.find(({ id }) => id === shown.atlas)?.info?.images ?? 0
    return Array.from({ length: images }, (_, image) => ({ ...shown, image }))
  }
  return (imagesOf(shown.run) ?? []).map(({ image }) => ({ ...shown, image }))
})
const same = (a: PictureRef, b: PictureRef) => JSON.stringify(a) === JSON.stringify(b)
export const place = computed(() =>
  siblings.value.findIndex((other) => picture.value && same(other, picture.value)),
)
export const siblingCount = computed(() => siblings.value.length)
export function stepPicture(by: number): void {
  const to = siblings.value[place.value + by]
  if (to) go(regionsAddress(to, query.value))
}

/** This picture and the following ones, wrapping around. */
export const jointPictures = computed<readonly PictureRef[]>(() => {
  const shown = picture.value
  if (!shown) return []
  const others = siblings.value.length
  const count = Math.min(joint.value, Math.max(1, others))
  return Array.from({ length: count }, (_, i) =>
    i === 0 ? shown : siblings.value[(place.value + i) % others]!,
  )
})

const colours = computed(() =>
  picture.value ? coloursOf({ pictures: jointPictures.value, foreground: foreground.value }) : undefined,
)
export const patchColours = computed(() =>
  colours.value && 'value' in colours.value ? colours.value.value : undefined,
)
/** RGBA of the joint picture's patches [patches * 4]. */
export function coloursAt(index: number): Uint8ClampedArray<ArrayBuffer> | undefined {
  const pixels = patchColours.value?.pixels
  const one = shape.value.cells * 4
  if (!pixels || pixels.length < (index + 1) * one) return undefined
  return Uint8ClampedArray.from(pixels.subarray(index * one, (index + 1) * one))
}
export const featuresProblem = computed(() => {
  const own = picture.value && featuresOf(picture.value)
  if (own && 'problem' in own) return own.problem
  return colours.value && 'problem' in colours.value ? colours.value.problem : undefined
})
export const layerFromEnd = computed(() => {
  const own = picture.value && featuresOf(picture.value)
  return own && 'value' in own ? own.value.layer : undefined
})

/** The reference patch: the selected one, else the one under the pointer. */
export const compared = computed(() => chosen.value ?? hovered.value)
/** Cosines [patches] of the patches of a picture to that patch of the picture shown. */
export function cosinesIn(other: PictureRef): Float32Array | undefined {
  const [own, their] = [picture.value && featuresOf(picture.value), featuresOf(other)]
  if (compared.value === undefined || !own || !('value' in own) || !their || !('value' in their))
    return undefined
  if (own.value.width !== their.value.width) return undefined
  return cosinesTo(their.value.features, patchOf(own.value.features, own.value.width, compared.value))
}

/** Moves the selected patch; stops at the border. */
export function move(columns: number, rows: number): void {
  hovered.value = undefined
  choose(movedIn(shape.value, chosen.value ?? 0, columns, rows))
}
