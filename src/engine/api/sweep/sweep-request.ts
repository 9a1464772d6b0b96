// A sweep request from a page -> the specification, with the paths that pages do not know.
import { RequestError } from '../../../shared/errors.ts'
import type { SweepSpec } from '../../../shared/run/run.ts'
import { isPathAxis, type AxisName } from '../../../shared/sweep/axes.ts'
import type { SweepRequest } from '../../../shared/sweep/sweeps.ts'
import type { SweepRecord } from '../../runs/sweep/sweep-record.ts'
import { setPath } from '../../workspace/image-sets.ts'
import type { OpenModelSet } from '../models/models.ts'
import { checkpointKey } from './sweep-view.ts'

export interface SweepPlaces {
  readonly workspace: string
  /** Folder of the sweep. */
  readonly out: string
  readonly fields: OpenModelSet['fields']
  /** Open files: id -> path. */
  readonly pathOf: (file: string) => string | undefined
}

/**
 * For an extended sweep, the common settings of its cells stay unchanged.
 * @param earlier record of that sweep. Throws RequestError for a checkpoint that is not open.
 */
export async function sweepSpec(
  request: SweepRequest,
  earlier: SweepRecord | undefined,
  { workspace, out, fields, pathOf }: SweepPlaces,
): Promise<SweepSpec> {
  const { count, batchSize, device } = request.base
  const base = earlier
    ? { ...earlier.spec.base, count, batchSize, device, out }
    : { kind: 'sample' as const, ...request.base, ...fields, out, shards: 1, shard: 0 }
  const known = new Map(Object.keys(earlier?.checkpoints ?? {}).map((path) => [checkpointKey(path), path]))
  const pathFor = (value: string) => {
    const path = known.get(value) ?? pathOf(value)
    if (path === undefined) throw new RequestError(`checkpoint '${value}' not found`)
    return path
  }
  const measure = earlier ? earlier.spec.measure : await measureOf(workspace, request)
  return {
    kind: 'sweep',
    out,
    base,
    axes: request.axes.map(({ name, values }) => ({
      name,
      values: values.map((value) =>
        typeof value === 'string' && isPathAxis(name as AxisName) ? pathFor(value) : value,
      ),
    })),
    ...(measure ? { measure } : {}),
  }
}

async function measureOf(workspace: string, { measure }: SweepRequest): Promise<SweepSpec['measure']> {
  return measure && { ...measure, reference: await setPath(workspace, measure.reference) }
}
