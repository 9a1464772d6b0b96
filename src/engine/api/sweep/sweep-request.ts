// A sweep request from a page -> the specification, with the paths that pages do not know.
import { RequestError } from '../../../shared/errors.ts'
import type { SweepSpec } from '../../../shared/run/run.ts'
import { isPathAxis, withDrawerFile, type AxisName } from '../../../shared/sweep/axes.ts'
import type { SweepRequest } from '../../../shared/sweep/sweeps.ts'
import type { SweepRecord } from '../../runs/sweep/sweep-record.ts'
import { setPath } from '../../workspace/image-sets.ts'
import { fileField } from '../evaluation/protocols.ts'
import type { OpenModelSet } from '../models/models.ts'
import { checkpointKey } from './sweep-view.ts'

export interface SweepPlaces {
  readonly workspace: string
  /** Folder of the sweep. */
  readonly out: string
  readonly models: OpenModelSet
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
  { workspace, out, models, pathOf }: SweepPlaces,
): Promise<SweepSpec> {
  const { count, batchSize, device } = request.base
  const base = earlier
    ? { ...earlier.spec.base, count, batchSize, device, out }
    : { kind: 'sample' as const, ...request.base, ...models.fields, out, shards: 1, shard: 0 }
  const known = new Map(Object.keys(earlier?.checkpoints ?? {}).map((path) => [checkpointKey(path), path]))
  const pathFor = (value: string) => {
    const path = known.get(value) ?? pathOf(value)
    if (path === undefined) throw new RequestError(`checkpoint '${value}' not found`)
    return path
  }
  const measure = earlier ? earlier.spec.measure : await measureOf(workspace, models, request)
  const named = (name: string, value: string) =>
    isPathAxis(name as AxisName) ? pathFor(value) : withDrawerFile(value, pathFor)
  // A value that is the run's own generator has its name.
  const isDrawn = request.axes.some(({ name }) => name === 'generator')
  const { generator } = base
  const own =
    isDrawn && generator?.file !== undefined ? { ...generator, file: pathFor(generator.file) } : generator
  return {
    kind: 'sweep',
    out,
    base: own ? { ...base, generator: own } : base,
    axes: request.axes.map(({ name, values }) => ({
      name,
      values: values.map((value) => (typeof value === 'string' ? named(name, value) : value)),
    })),
    ...(measure ? { measure } : {}),
  }
}

/** With the network's file, which may be in another folder than the models. */
async function measureOf(
  workspace: string,
  models: OpenModelSet,
  { measure }: SweepRequest,
): Promise<SweepSpec['measure']> {
  if (!measure) return undefined
  const network = await fileField(measure.protocol, models)
  return { ...measure, ...network, reference: await setPath(workspace, measure.reference) }
}
