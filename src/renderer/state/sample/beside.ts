// The same seed and classes in another generator: which can draw them, the run that does, and the runs that did.
import { computed } from 'vue'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { SampleRequest } from '../../../shared/run/run.ts'
import { calls } from '../app/calls.ts'
import { attempt } from '../app/problems.ts'
import { classNameIn } from '../images/run-names.ts'
import { classesOf, classOf, generatorName, generators, headsProblem } from '../models/generators.ts'
import { abilities, classCount, className } from '../models/models-in-use.ts'
import { where } from '../slurm/placement.ts'
import { DIGIT, specOf, valuesFor } from './generator.ts'
import { runs } from './runs.ts'
import { show } from './sampling.ts'
import { publishedDefaults, requestOf, settings } from './settings.ts'

/** What can draw a set of classes. */
interface Drawer {
  readonly id: string
  readonly text: string
  /** Number of classes; 0: unconditional only. */
  readonly classes: number
  readonly isPlain: boolean
  nameOf(index: number): string
}

const drawers = computed((): readonly Drawer[] => [
  ...(abilities.value.unconditional || abilities.value.classes
    ? [
        {
          id: DIGIT,
          text: 'DiGIT',
          classes: abilities.value.classes ? classCount.value : 0,
          isPlain: abilities.value.unconditional,
          nameOf: className,
        },
      ]
    : []),
  ...generators.value
    .filter((one) => one.match.lacks === undefined && headsProblem(one) === undefined)
    .map((one) => ({
      id: one.file.id,
      text: generatorName(one),
      classes: classesOf(one),
      isPlain: classesOf(one) === 0,
      nameOf: (index: number) => classOf(one, index),
    })),
])

/** The generators that could draw the seed and classes of a run beside it: classes of the same names. */
export function besideChoices(run: WorkspaceRun): readonly { readonly id: string; readonly text: string }[] {
  const { request } = run
  if (!request || request.pinned || request.commonNoise) return []
  const own = request.generator?.file ?? DIGIT
  const nameIn = classNameIn(run)
  return drawers.value.filter(
    ({ id, classes, isPlain, nameOf }) =>
      id !== own &&
      (request.classes.length === 0
        ? isPlain
        : request.classes.every((index) => index < classes && nameOf(index) === nameIn(index))),
  )
}

/** Draws the seed and classes of a run with another generator, with its published settings, and shows the run. */
export async function drawBeside({ request }: WorkspaceRun, id: string): Promise<void> {
  if (!request) return
  const { device, batchSize } = settings.value
  const usual = { ...publishedDefaults(request.classes.length > 0, 'ar'), device, batchSize }
  const one = generators.value.find(({ file }) => file.id === id)
  const asked: SampleRequest = {
    ...requestOf(usual),
    seed: request.seed,
    count: request.count,
    classes: request.classes,
    ...(one ? { generator: specOf(one, valuesFor(one, {})) } : {}),
  }
  const run = await attempt('Could not start the run', () => calls().startSample(asked, where()))
  if (run !== undefined) show(run)
}

const isSame = (a: SampleRequest, b: SampleRequest) =>
  a.seed === b.seed && a.classes.join() === b.classes.join() && !a.pinned && !b.pinned && !b.draft

/** The newest run of each other generator with the seed and classes of a run. */
export function twinsOf({ id, request }: WorkspaceRun): readonly WorkspaceRun[] {
  if (!request) return []
  const seen = new Set([request.generator?.file])
  return runs.value.filter((other) => {
    const file = other.request?.generator?.file
    if (other.id === id || other.finished === 0 || !other.request || !isSame(request, other.request))
      return false
    return !seen.has(file) && Boolean(seen.add(file))
  })
}
