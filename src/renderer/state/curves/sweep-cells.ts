// A sweep cell as a run, for views that show runs: its images can be inspected, edited and compared like any others.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { SampleSpec } from '../../../shared/run/run.ts'
import { axisRow, type AxisName } from '../../../shared/sweep/axes.ts'
import type { Address } from '../app/address.ts'
import { pointsOf, sweepOf } from './sweeps.ts'

/** `SWEEP@CELL` -> the run it is; undefined for any other id, and until its sweep is known. */
export function cellRun(id: string): WorkspaceRun | undefined {
  const [name = '', cell] = id.split('@')
  const sweep = cell === undefined ? undefined : sweepOf(name)
  const points = sweep && pointsOf(name)
  const point = points && 'value' in points ? points.value.find(({ run }) => run === id) : undefined
  if (!sweep || !point) return undefined
  let spec: SampleSpec = { kind: 'sample', model: '', out: '', shards: 1, shard: 0, ...sweep.base }
  for (const [axis, value] of Object.entries(point.values) as [AxisName, number | string][])
    spec = axisRow(axis).set(spec, value)
  const { kind: _kind, model: _model, out: _out, choose: _choose, shards: _n, shard: _i, ...request } = spec
  const status = { state: 'done', finished: point.images, summary: '' } as const
  return Object.freeze({ id, started: sweep.started, request, finished: point.images, status })
}

/** The page that shows a whole run: for a sweep cell, its curve. */
export function homeOfRun(id: string): Address {
  const [name = '', cell] = id.split('@')
  if (cell === undefined) return { page: 'library', run: id, query: {} }
  return { page: 'curves', run: name, query: { view: 'curve', a: cell } }
}
