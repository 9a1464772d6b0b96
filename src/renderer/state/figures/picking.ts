// How images are picked for a panel: the methods, their inputs, and the resulting arrangement.
import { computed, shallowReactive, shallowRef, watch, type Ref } from 'vue'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { SweepContents, WorkspaceSweep } from '../../../shared/sweep/sweeps.ts'
import { calls } from '../app/calls.ts'
import { favourites } from '../images/favourites.ts'
import { imagesOf } from '../images/images.ts'
import { parseNumbers } from '../../../shared/run/number-ranges.ts'
import { picks } from '../images/picks.ts'
import { attempt } from '../app/problems.ts'
import { runs } from '../sample/runs.ts'
import {
  atRandom,
  chosenByHand,
  classRows,
  differingSettings,
  inOrder,
  settingAxes,
  settingColumns,
  sweepGrid,
  type Arrangement,
} from './arrange.ts'
import { runRows } from './arrange-runs.ts'
import { classNameIn } from '../images/run-names.ts'

export const WAYS = {
  hand: 'By hand, from a run',
  order: 'In order, from a run',
  random: 'At random, from a run',
  classes: 'One class per row',
  columns: 'One run per column: one setting',
  runs: 'One run per row: the same classes',
  axes: 'One run per cell: two settings',
  sweep: 'The axes of a sweep',
  favourites: 'Favourites',
  picks: 'Images in the comparison',
  files: 'Picture files',
} as const
export type Way = keyof typeof WAYS

/** State of the dialog. */
export function openPicking() {
  const way = shallowRef<Way>(picks.value.length > 0 ? 'picks' : 'order')
  const made = computed(() => runs.value.filter(({ finished }) => finished > 0))
  const asked = shallowReactive({
    run: made.value[0]?.id ?? '',
    first: 0,
    count: 16,
    seed: 0,
    each: 4,
    numbers: '0',
    across: '',
    down: '',
    sweep: '',
  })
  const { sweeps, axes, points } = followSweeps(way, asked)
  const several = shallowRef<readonly string[]>([])
  /** Clicked image numbers, in order. */
  const clicked = shallowRef<readonly number[]>([])
  watch(
    () => asked.run,
    () => (clicked.value = []),
  )
  const listed = computed(() => (asked.run === '' ? [] : (imagesOf(asked.run) ?? [])))
  const chosenRuns = computed(() =>
    several.value
      .map((id) => made.value.find((run) => run.id === id))
      .filter((run): run is WorkspaceRun => run !== undefined),
  )
  const differing = computed(() => [...differingSettings(chosenRuns.value).keys()])
  watch(differing, ([across = '', down = '']) => {
    if (!differing.value.includes(asked.across)) asked.across = across
    if (!differing.value.includes(asked.down)) asked.down = down
  })

  const arrangement = computed((): Arrangement | undefined => {
    const { run, first, count, seed, each, numbers, across, down } = asked
    const all = parseNumbers(numbers)
    switch (way.value) {
      case 'hand':
        return chosenByHand(clicked.value.map((image) => ({ run, image })))
      case 'order':
        return inOrder(run, listed.value, first, count)
      case 'random':
        return atRandom(run, listed.value, count, seed)
      case 'classes':
        return classRows(run, listed.value, each, classNameIn(run))
      case 'columns':
        return settingColumns(chosenRuns.value, all)
      case 'runs':
        return runRows(
          chosenRuns.value.map((one) => ({ run: one, listed: imagesOf(one.id) ?? [] })),
          each,
          classNameIn(chosenRuns.value[0]),
        )
      case 'axes':
        return settingAxes(chosenRuns.value, across, down, all[0] ?? 0)
      case 'sweep':
        return sweepGrid(points.value, across, axes.value.length > 1 ? down : undefined, all[0] ?? 0)
      case 'favourites':
        return chosenByHand(favourites.value, 'favorites, chosen by hand')
      case 'picks':
        return chosenByHand(picks.value)
      default:
        return undefined
    }
  })
  /** Why there is nothing to pick. */
  const lacks = computed(() => {
    if (arrangement.value && arrangement.value.images.length > 0) return undefined
    switch (way.value) {
      case 'classes':
        return `No class of this run has ${asked.each} images`
      case 'axes':
        return chosenRuns.value.length < 4
          ? 'Select at least four runs that differ in two settings'
          : 'Each pair of values must match exactly one run'
      case 'columns':
        return 'Select runs and image numbers'
      case 'runs':
        return chosenRuns.value.length === 0
          ? 'Select runs'
          : `No class has ${asked.each} ${asked.each === 1 ? 'image' : 'images'} in every run`
      case 'sweep':
        return sweeps.value.length === 0 ? 'No sweeps yet' : 'Not every cell of the sweep has this image'
      case 'favourites':
        return 'No favorites yet'
      case 'picks':
        return 'No images in the comparison'
      case 'hand':
        return 'Click images in the desired order'
      case 'files':
        return undefined
      default:
        return 'The run has no such images'
    }
  })
  return { way, asked, several, clicked, made, listed, differing, sweeps, axes, arrangement, lacks }
}

/** Sweeps are listed on demand, with axes and cells of the selected one. */
function followSweeps(
  way: Ref<Way>,
  asked: { sweep: string; across: string; down: string },
): {
  sweeps: Ref<readonly WorkspaceSweep[]>
  axes: Ref<readonly string[]>
  points: Ref<SweepContents['points']>
} {
  const sweeps = shallowRef<readonly WorkspaceSweep[]>([])
  const points = shallowRef<SweepContents['points']>([])
  const axes = computed(() => Object.keys(points.value[0]?.values ?? {}))
  watch(way, async (now) => {
    if (now !== 'sweep') return
    sweeps.value = (await attempt('Could not list the sweeps', () => calls().listSweeps())) ?? []
    asked.sweep ||= sweeps.value[0]?.id ?? ''
  })
  watch(
    () => asked.sweep,
    async (id) => {
      if (id === '') return
      const found = await attempt('Could not read the sweep', () => calls().readSweep(id))
      if (asked.sweep === id) points.value = found?.points ?? []
    },
  )
  watch(axes, ([across = '', down = '']) => Object.assign(asked, { across, down }))
  return { sweeps, axes, points }
}
