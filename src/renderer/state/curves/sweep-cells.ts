// A cell of a sweep or a setting of a verdict as a run, for views that show runs: its images can be inspected, edited and compared like any others.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { SampleSpec } from '../../../shared/run/run.ts'
import { axisRow, type AxisName } from '../../../shared/sweep/axes.ts'
import type { SweepPoint, WorkspaceSweep } from '../../../shared/sweep/sweeps.ts'
import type { Address } from '../app/address.ts'
import { pointsOf, sweepOf } from './sweeps.ts'
import { verdictOf } from './verdicts.ts'

/** `SWEEP@CELL` -> the run it is; undefined for any other id, and until its sweep or verdict is known. */
export function cellRun(id: string): WorkspaceRun | undefined {
  const [name = '', cell] = id.split('@')
  const sweep = cell === undefined ? undefined : sweepOf(name)
  const verdict = cell === undefined ? undefined : verdictOf(name)
  const setting = verdict?.settings.find(({ run }) => run === id)
  if (verdict && setting) return runOf(id, verdict, setting.values, setting.images)
  const points = sweep && pointsOf(name)
  const point = points && 'value' in points ? points.value.find(({ run }) => run === id) : undefined
  return sweep && point && runOf(id, sweep, point.values, point.images)
}

/** The settings that the cells share, with the values of this one. */
function runOf(
  id: string,
  { base, started }: Pick<WorkspaceSweep, 'base' | 'started'>,
  values: SweepPoint['values'],
  images: number,
): WorkspaceRun {
  let spec: SampleSpec = { kind: 'sample', model: '', out: '', shards: 1, shard: 0, ...base, count: images }
  for (const [axis, value] of Object.entries(values) as [AxisName, number | string][])
    spec = axisRow(axis).set(spec, value)
  const { kind: _kind, model: _model, out: _out, choose: _choose, shards: _n, shard: _i, ...request } = spec
  const status = { state: 'done', finished: images, summary: '' } as const
  return Object.freeze({ id, started, request, finished: images, status })
}

/** The page that shows a whole run: for a sweep cell, its curve; for a setting, its verdict. */
export function homeOfRun(id: string): Address {
  const [name = '', cell] = id.split('@')
  if (cell === undefined) return { page: 'library', run: id, query: {} }
  if (verdictOf(name)) return { page: 'curves', run: name, query: { view: 'verdict' } }
  return { page: 'curves', run: name, query: { view: 'curve', a: cell } }
}
