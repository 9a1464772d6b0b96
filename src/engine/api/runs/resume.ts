// A run that ended early -> the specification that resumes it with the open models.
import { dirname } from 'node:path'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { RequestError } from '../../../shared/errors.ts'
import { shortHash } from '../../../shared/models/model-hash.ts'
import { sourcePath, type FoundRun } from '../../records/workspace.ts'
import type { KeptSpec } from '../../records/run-files.ts'
import type { OpenModelSet } from '../models/models.ts'

/**
 * Uses current paths: models and workspace may have moved. Throws RequestError for a run that is complete,
 * invalid, or made with models that are not open.
 */
export function specToResume(
  { id, spec, problem, made }: FoundRun,
  { status }: WorkspaceRun,
  folder: string,
  { fields, folders, hashes }: OpenModelSet,
): { readonly spec: KeptSpec; readonly folders: readonly string[] } {
  if (problem) throw new RequestError(`run '${id}': cannot be resumed (${problem.message})`)
  if (!spec) throw new RequestError(`run '${id}': runs of this kind cannot be resumed here`)
  if (status.state === 'done') throw new RequestError(`run '${id}': already complete`)
  const missing = made?.models.filter(({ sha256 }) => !hashes.has(sha256)) ?? []
  if (missing.length > 0)
    throw new RequestError(
      `run '${id}': made with models that are not open: ` +
        missing.map(({ role, name, sha256 }) => `${role} ${name} (${shortHash(sha256)})`).join(', '),
    )
  return { spec: placed(spec, folder, fields), folders: [...folders, dirname(folder)] }
}

function placed(spec: KeptSpec, folder: string, fields: OpenModelSet['fields']): KeptSpec {
  if (spec.kind === 'sample') {
    const { choose: _, generatorFiles: _files, ...asked } = spec
    return { ...asked, ...fields, out: folder }
  }
  const { choose: _, generatorFiles: _files, images, ...asked } = spec
  return { ...asked, ...fields, out: folder, images: images.map((path) => sourcePath(folder, path)) }
}
