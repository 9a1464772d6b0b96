// The part of the contract that is about what can be measured: the demo's pictures, and sets that a person added.
import { basename, dirname, resolve } from 'node:path'
import type { EvaluationApi, EvaluationEvents } from '../../shared/workspace-evaluation.ts'
import { addSet, listSets, readSetPicture, removeSet, setPath } from '../runs/workspace-sets.ts'
import { withoutFolders } from './folders.ts'

export interface ImageSets {
  readonly calls: Pick<EvaluationApi, 'listImageSets' | 'removeImageSet' | 'readSetPicture'>
  /** Paths come from a host on this machine, or are copies in the workspace. */
  readonly add: (paths: readonly string[]) => Promise<void>
}

export function imageSetCalls(
  workspace: string,
  { imageSetsChanged }: Pick<EvaluationEvents, 'imageSetsChanged'>,
): ImageSets {
  const tell = async () => imageSetsChanged(await listSets(workspace))
  return {
    calls: {
      listImageSets: () => listSets(workspace),
      async removeImageSet(id) {
        await removeSet(workspace, id)
        await tell()
      },
      async readSetPicture(source, image) {
        const path = await setPath(workspace, source)
        return withoutPlace(path, () => readSetPicture(path, image))
      },
    },
    async add(paths) {
      try {
        for (const path of paths) await withoutPlace(resolve(path), () => addSet(workspace, path))
      } finally {
        await tell()
      }
    },
  }
}

/** Errors name the set, not where it lies. */
export async function withoutPlace<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error)
      error.message = withoutFolders(error.message, [dirname(path)]).replaceAll(path, basename(path))
    throw error
  }
}
