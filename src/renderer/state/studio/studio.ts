// The image that is open in the studio: its address, its record, its edit, and the runs made from it.
import { cellIn, gridOf } from '../models/grid-in-use.ts'
import type { GridName } from '../../../shared/grid/layout.ts'
import { computed, shallowRef } from 'vue'
import type { GridDetails, ImageName } from '../../../shared/contract/api.ts'
import type { Sampling } from '../../../shared/run/run.ts'
import { address, adjust } from '../app/address.ts'
import { noCells, type CellMask } from '../images/cells.ts'
import { purposeOf, type Purpose } from '../../../shared/run/made-from.ts'
import { childrenOf } from './children.ts'
import { editedTokens, emptyEdit, type Edit } from './edit.ts'
import { changeEdit, editOf } from './edits.ts'
import type { Tool } from '../images/gesture.ts'
import { LAYERS, layerValues } from '../images/layers.ts'
import { modelSet } from '../models/models-in-use.ts'
import { recordedGenerator } from '../library/recorded-generator.ts'
import { recipeGroups, recipeSettings } from '../library/recipe.ts'
import { recordOf } from '../images/records.ts'
import { runOf, runs } from '../sample/runs.ts'
import { requestOf, settings, type Settings } from '../sample/settings.ts'

/** The image in the address, if any. */
export const opened = computed<ImageName | undefined>(() => {
  const { page, run, image } = address.value
  return page === 'sample' && run !== undefined && image !== undefined ? { run, image } : undefined
})
export const openedRun = computed(() => runOf(opened.value?.run))
export const record = computed(() => opened.value && recordOf(opened.value.run, opened.value.image))
export const details = computed(() =>
  record.value && 'details' in record.value ? record.value.details : undefined,
)

/** The grid being edited. */
export const grid = computed<GridName>(() =>
  address.value.query.grid === 'codes' || (details.value && !details.value.discriminative)
    ? 'codes'
    : 'discriminative',
)
export const gridDetails = (name: GridName): GridDetails | undefined => details.value?.[name]

/** Cells of the image. */
export const shape = computed(() => gridOf(details.value))
/** The selected cell. */
export const cursor = computed(() => {
  return cellIn(address.value.query.cell, shape.value)
})
export const lookAt = (cell: number | undefined): void =>
  adjust({ cell: cell === undefined ? undefined : String(cell) })

export const hovered = shallowRef<number>()
export const tool = shallowRef<Tool>('rectangle')

export const layers = computed(() =>
  LAYERS.filter((name) => {
    const grids = [details.value?.discriminative, details.value?.codes]
    return name === 'cluster' || grids.some((found) => found && layerValues(found, name))
  }),
)
export const layer = computed(
  () => layers.value.find((name) => name === address.value.query.layer) ?? 'cluster',
)

export const edit = computed<Edit | undefined>(() => {
  if (!opened.value) return undefined
  const kept = editOf(opened.value.run, opened.value.image)
  // Nothing was edited yet, and generators differ in the size of their grids.
  return kept.codes.pinned.length === shape.value.cells ? kept : emptyEdit(shape.value)
})
export const pinned = computed<CellMask>(() => edit.value?.[grid.value].pinned ?? noCells(shape.value))

/** The tokens of a grid as edited. */
export function tokensOf(name: GridName): Int32Array | undefined {
  const found = gridDetails(name)
  return found && edit.value && editedTokens(found.tokens, edit.value[name])
}

/** Applies a step of the edit. */
export function step(next: (now: Edit) => Edit): void {
  if (opened.value && edit.value) changeEdit(opened.value.run, opened.value.image, next(edit.value))
}

/** The sampling settings of a grid; a plain model samples codes as its first and only stage. */
export function samplingOf(name: GridName): Sampling {
  const { stage1Sampling, stage2Sampling } = requestOf(settings.value)
  return name === 'codes' && details.value?.discriminative ? stage2Sampling : stage1Sampling
}

/** Whether the image was made with a model that is not open. */
export const isOfOtherModels = computed(() => {
  const files = modelSet.value?.files
  return (
    files !== undefined &&
    openedRun.value?.models?.some(({ sha256 }) => !files.some((file) => file.sha256 === sha256))
  )
})

const STAGE_FIELDS = [
  'stage2',
  'stage1Temperature',
  'stage1TopK',
  'stage1TopP',
  'stage2Temperature',
  'stage2TopK',
  'stage2TopP',
  'steps',
  'choiceTemperature',
  'halton',
  'weightBits',
] as const

/** The changes that set the stages to the image's settings; undefined if there are none. */
export const ownSettings = computed<Partial<Settings> | undefined>(() => {
  if (!details.value || recordedGenerator(details.value)) return undefined
  const [now, own] = [settings.value, recipeSettings(recipeGroups(details.value, String), settings.value)]
  const others = STAGE_FIELDS.filter((field) => own[field] !== now[field])
  return others.length > 0 ? Object.fromEntries(STAGE_FIELDS.map((field) => [field, own[field]])) : undefined
})

/** The runs made from the image, newest first, with their purpose. */
export const children = computed(() => {
  if (!opened.value) return []
  const tokens = details.value?.discriminative?.tokens
  return childrenOf(runs.value, opened.value.run, opened.value.image).map((run) => ({
    run,
    purpose: purposeOf(run.request, tokens),
  }))
})
export const childrenFor = (purpose: Purpose) =>
  children.value.filter((child) => child.purpose === purpose).map(({ run }) => run)
