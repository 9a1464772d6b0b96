// Model files -> a folder of ONNX networks for other programs: graphs, weights, and a README of their inputs.
import { basename, join } from 'node:path'
import { readdir } from 'node:fs/promises'
import { RequestError } from '../../../shared/errors.ts'
import type { ModelChoice } from '../../../shared/models/models.ts'
import { makeFolder, writeFileAtomic } from '../../bytes/index.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { scope } from '../../devices/scope.ts'
import { openModels } from '../../model-set/open-models.ts'
import { networksOf, type SizeHints } from './networks.ts'
import { readme } from './readme.ts'
import { writeNetworks } from './write.ts'

export interface OnnxExport {
  readonly model: string
  readonly choose?: ModelChoice
  readonly out: string
  readonly hints: SizeHints
  /** Overwrites a folder that is not empty. */
  readonly force: boolean
}

/** Returns the names of the `.onnx` files. Throws RequestError for a folder with other files unless forced. */
export async function exportOnnx(
  { model, choose, out, hints, force }: OnnxExport,
  callbacks: Pick<RunCallbacks, 'signal' | 'progress'>,
): Promise<string[]> {
  return scope(async (keep) => {
    callbacks.progress(0, 1, 'scanning models')
    const models = keep(await openModels([model], choose))
    const networks = await networksOf(models, hints)
    await makeFolder(out)
    if (!force && (await readdir(out)).length > 0)
      throw new RequestError(`${out}: not empty; choose another folder, or overwrite with --force`)
    await writeNetworks(networks, out, callbacks)
    const files = models.modelSet.files
      .filter(({ kind }) => kind !== 'unknown')
      .map(({ path }) => basename(path))
    await writeFileAtomic(join(out, 'README.md'), readme(networks, [...new Set(files)]))
    return networks.map(({ name }) => `${name}.onnx`)
  })
}
