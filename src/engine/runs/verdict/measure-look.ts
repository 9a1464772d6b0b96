// The images of the settings at a look -> their features, resampled distances, and what follows.
import { oneDevice } from '../../../shared/models/devices.ts'
import type { VerdictSpec } from '../../../shared/run/run.ts'
import type { Cell } from '../../../shared/sweep/plan.ts'
import { settingWords } from '../../../shared/verdict/settings.ts'
import type { Look } from '../../../shared/verdict/verdict.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import { featuresToStatistics, readMatrix } from '../../metrics/index.ts'
import { cellFolder } from '../../records/workspace.ts'
import { openSetFeatures } from '../evaluation/features.ts'
import { openImageSet } from '../evaluation/image-set.ts'
import { lookAtSets, metricWork } from '../evaluation/look-at-sets.ts'
import { openReference } from '../evaluation/open-reference.ts'
import { judge, judgeReference, judgeSetting, resamplesFor, type JudgedSetting } from './judge.ts'

type Found = Pick<Look, 'n' | 'level' | 'resamples' | 'settings' | 'pairs'>

export async function measureLook(
  spec: VerdictSpec,
  cells: readonly Cell[],
  open: readonly Cell[],
  before: readonly Look[],
  n: number,
  callbacks: RunCallbacks,
): Promise<Found> {
  return scope((keep) => measured(spec, cells, open, before, n, callbacks, keep))
}

async function measured(
  { base, out, measure, by }: VerdictSpec,
  cells: readonly Cell[],
  open: readonly Cell[],
  before: readonly Look[],
  n: number,
  callbacks: RunCallbacks,
  keep: Keep,
): Promise<Found> {
  const { model, choose } = base
  const device = oneDevice(base.device)
  const images = cellFolder(out, open[0]!.name)
  const asked = { model, ...(choose ? { choose } : {}), device, out, images, ...measure }
  const { extractor, reference } = await lookAtSets(asked, callbacks, keep)
  const real = await openReference(reference, extractor, callbacks, keep)
  const work = await metricWork(callbacks, keep)
  const rows = real.layers.features
  const against = await judgeReference(
    real.statistics.features ?? (await featuresToStatistics(rows!, work)),
    rows,
    work,
  )
  const resamples = resamplesFor(n, against.factored.factor.rows)
  const judged: JudgedSetting[] = []
  for (const cell of open) {
    const set = await openImageSet(cellFolder(out, cell.name), measure.size)
    const own = await openSetFeatures(set, extractor, callbacks)
    try {
      // A verdict that was stopped at a later look may have more images.
      const features = await readMatrix(own.layers.features!, 0, n)
      callbacks.progress(0, 1, `distances of ${settingWords(cell).words} on ${resamples} resamples`)
      judged.push(await judgeSetting(cell.name, features, against, resamples, work))
    } finally {
      await own.close()
    }
  }
  const names = cells.map(({ name }) => name)
  return judge(judged, before, names, by, n)
}
