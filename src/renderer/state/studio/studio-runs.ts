// Runs started by the studio: edits, branches, the variance split, and one grid decoded by both stage 2 models.
import type { GridName } from '../../../shared/grid/layout.ts'
import { computed } from 'vue'
import type { Change, Pinned, SampleRequest } from '../../../shared/run/run.ts'
import { calls } from '../app/calls.ts'
import { cellsBefore, type CellMask } from '../images/cells.ts'
import { everythingPinned, pinnedOf, withPins } from './edit.ts'
import { attempt } from '../app/problems.ts'
import { keep, OF_STAGES, settingsAreRight, startSeeded } from '../sample/sampling.ts'
import { generatorFault, imageGeneratorRequest, recorded } from './studio-generator.ts'
import { publishedDefaults, requestOf, settings, type Field } from '../sample/settings.ts'
import { childrenFor, cursor, details, edit, grid, opened, openedRun, pinned, shape, step } from './studio.ts'

/** The gallery's condition and count are not used here. */
const OTHERS = ['count', 'classes', 'conditional', 'draftCount'] as const
/** Whether what drew the image can draw again: its generator, or DiGIT with these settings. */
const isRight = (but: readonly Field[]): boolean =>
  recorded.value
    ? generatorFault.value === undefined && settingsAreRight([...but, ...OF_STAGES])
    : settingsAreRight(but)
export const canEdit = computed(() => details.value !== undefined && isRight([...OTHERS, 'splitCount']))
export const canSplit = computed(
  () => details.value?.discriminative !== undefined && settingsAreRight([...OTHERS, 'variants']),
)

/** The current settings with the image's class, as a child of the image. */
function childRequest(fields: Partial<SampleRequest>): SampleRequest {
  if (!opened.value) throw new Error('studio: no image is open')
  const label = details.value?.class
  return {
    ...requestOf(settings.value),
    ...imageGeneratorRequest(),
    classes: label === undefined ? [] : [label],
    from: opened.value,
    ...fields,
  }
}

/** A draft that something is made from is kept. */
export async function keepParent(): Promise<void> {
  const run = openedRun.value
  if (run?.request?.draft) await keep(run.id)
}

/** The edit with these pins of the grid; with all cells pinned, codes have one outcome, tokens several. */
function editRequest(name: GridName, pins: CellMask, fields: Partial<SampleRequest>): SampleRequest {
  if (!details.value || !edit.value) throw new Error('studio: the record is not loaded yet')
  const { keepCodes } = settings.value
  const pinned = pinnedOf(details.value, edit.value, { grid: name, pinned: pins, keepCodes })
  return childRequest({ pinned: [pinned], ...fields })
}

const variantsOf = (name: GridName, pins: CellMask) =>
  name === 'codes' && pins.every((is) => is === 1) ? 1 : settings.value.variants

async function startEdit(pins: CellMask): Promise<void> {
  if (!canEdit.value) return
  const count = variantsOf(grid.value, pins) ?? 1
  await keepParent()
  await startSeeded((seed) => editRequest(grid.value, pins, { count, seed }))
}

/** Resamples every cell that is not pinned. */
export const resample = (): Promise<void> => startEdit(pinned.value)

/** Decodes the grids as edited: the edited grid is not sampled. */
export const decode = (): Promise<void> => startEdit(everythingPinned(shape.value))

/**
 * The images of an intervention with the seed and the random numbers of the image, so that the original is the image
 * itself; the third, if there is one, with other random numbers.
 */
export async function startIntervention(
  pinned: readonly Pinned[],
  changes: readonly Change[],
): Promise<void> {
  const noise = imageNoise('stage2')
  await keepParent()
  await startSeeded((seed) =>
    childRequest({
      pinned: [...pinned],
      changes: [...changes],
      ...(details.value?.discriminative
        ? { commonNoise: 'stage2' as const, noise: [noise, noise, noise + 1].slice(0, pinned.length) }
        : {}),
      count: pinned.length,
      seed: imageSeed() ?? seed,
    }),
  )
}

/** Pins the cells before the selected cell and resamples the rest. */
export async function branch(): Promise<void> {
  if (cursor.value === undefined) return
  const before = cellsBefore(shape.value, cursor.value)
  step((now) => withPins(now, grid.value, before))
  await startEdit(before)
}

/** The live draft of the current edit. */
export function editDraft(): SampleRequest | undefined {
  if (!details.value || !isRight(['count', 'classes', 'conditional', 'variants', 'splitCount']))
    return undefined
  const count = variantsOf(grid.value, pinned.value) === 1 ? 1 : (settings.value.draftCount ?? 1)
  return editRequest(grid.value, pinned.value, { count, draft: true })
}

const wholeGrid = () => ({ discriminative: Array.from(details.value?.discriminative?.tokens ?? []) })

/**
 * The variance split: grids from the random numbers of this image and of the images after it, each decoded with the
 * noise of this image and of those after it. Image k has grid floor(k / side) and noise k mod side, so that the first is
 * the image itself where its own settings are used.
 */
export async function split(): Promise<void> {
  if (!canSplit.value) return
  const side = settings.value.splitCount ?? 2
  const after = (first: number) => Array.from({ length: side }, (_, i) => first + i)
  const [grids, noise] = [after(imageNoise('stage1')), after(imageNoise('stage2'))]
  await keepParent()
  await startSeeded((seed) =>
    childRequest({
      commonNoise: 'stage2',
      noise,
      stage1Noise: grids.flatMap((grid) => noise.map(() => grid)),
      count: side * side,
      seed: imageSeed() ?? seed,
    }),
  )
}

/** The image's grid decoded once by each stage 2 model, with the same seed; existing runs are reused. */
export async function decodeByBoth(): Promise<readonly string[] | undefined> {
  const ids: string[] = []
  await keepParent()
  for (const stage2 of ['ar', 'nar'] as const) {
    const request = decodingRequest(stage2)
    const there = childrenFor('decoding').find(
      ({ request: made, status }) =>
        status.state !== 'failed' && status.state !== 'cancelled' && isSameDecoding(made, request),
    )
    const id = there?.id ?? (await attempt('Could not start the run', () => calls().startSample(request)))
    if (id === undefined) return undefined
    ids.push(id)
  }
  return ids
}

/** The current settings if they are for this kind, else the published ones. */
function decodingRequest(stage2: 'ar' | 'nar'): SampleRequest {
  const now = settings.value
  const { stage2Temperature, stage2TopK, stage2TopP } =
    now.stage2 === stage2 ? now : publishedDefaults(false, stage2)
  const { stage2Sampling, seed } = requestOf({ ...now, stage2Temperature, stage2TopK, stage2TopP })
  return childRequest({ stage2, stage2Sampling, seed: imageSeed() ?? seed, count: 1, pinned: [wholeGrid()] })
}

/** The number of the image whose random numbers a stage used: its own, unless they were shared. */
function imageNoise(stage: 'stage1' | 'stage2'): number {
  const { recipe, image = 0 } = details.value ?? {}
  const {
    commonNoise,
    noise = [0],
    stage1Noise,
  } = (recipe ?? {}) as {
    commonNoise?: string
    noise?: readonly number[]
    stage1Noise?: readonly number[]
  }
  const common = commonNoise === stage ? noise : stage === 'stage1' ? stage1Noise : undefined
  return common ? common[image % common.length]! : image
}

/** The seed of the image, so that a repeated request finds the existing run. */
function imageSeed(): number | undefined {
  const recipe = details.value?.recipe
  const seed = typeof recipe === 'object' && recipe !== null && 'seed' in recipe ? recipe.seed : undefined
  return typeof seed === 'number' ? seed : undefined
}

function isSameDecoding(a: SampleRequest, b: SampleRequest): boolean {
  const decides = ({ stage2, stage2Sampling, masked, seed, weightBits }: SampleRequest) =>
    JSON.stringify([
      stage2,
      stage2Sampling.temperature,
      stage2Sampling.topK,
      stage2Sampling.topP,
      seed,
      weightBits,
    ]) +
    (stage2 === 'nar' ? JSON.stringify([masked.steps, masked.choiceTemperature, masked.halton ?? false]) : '')
  return decides(a) === decides(b)
}
