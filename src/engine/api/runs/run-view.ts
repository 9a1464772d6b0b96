// A run on disk -> its description for a page: no paths, and a state derived only from its files.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { RunStatus } from '../../../shared/run/run.ts'
import type { FoundRun } from '../../records/workspace.ts'
import type { KeptSpec } from '../../records/run-files.ts'

/** Another process that has the run queued or running. */
export interface Holder {
  /** `process 123`. */
  readonly who: string
  readonly state: 'queued' | 'running'
}

/** The request, without paths. */
export function askedFields(
  spec: KeptSpec | undefined,
): Pick<WorkspaceRun, 'request' | 'reconstruct' | 'pictures'> {
  if (spec?.kind === 'sample') {
    const { kind: _kind, model: _model, choose: _choose, out: _out, shards: _n, shard: _i, ...request } = spec
    return { request }
  }
  if (spec?.kind !== 'reconstruct') return {}
  const {
    kind: _kind,
    model: _model,
    choose: _choose,
    out: _out,
    images: _images,
    names,
    ...reconstruct
  } = spec
  return names ? { reconstruct, pictures: names } : { reconstruct }
}

/** Images of the whole run; undefined for a reconstruction of folders, whose pictures are not counted. */
export function imagesAsked(spec: KeptSpec): number | undefined {
  return spec.kind === 'sample' ? spec.count : spec.names?.length
}

/** A run of another session: ended for any reason, unless another process owns it. */
export function runFromDisk(run: FoundRun, holder: Holder | undefined): WorkspaceRun {
  const { id, name, started, spec, images, made } = run
  return Object.freeze({
    id,
    ...(name === undefined ? {} : { name }),
    started,
    finished: images.length,
    status: statusFromDisk(run, holder),
    ...askedFields(spec),
    ...made,
    ...(holder ? { elsewhere: true } : {}),
  })
}

function statusFromDisk({ spec, images, problem }: FoundRun, holder: Holder | undefined): RunStatus {
  const finished = images.length
  const of = spec && imagesAsked(spec)
  if (holder?.state === 'queued') return { state: 'queued' }
  if (holder) return { state: 'running', step: finished, of: of ?? finished, note: `in use by ${holder.who}` }
  if (problem) {
    const { name, message } = problem
    return { state: 'failed', finished, error: { name, message } }
  }
  if (of !== undefined && finished < of) return { state: 'cancelled', finished }
  return { state: 'done', finished, summary: `${finished} images` }
}
