// The part of the contract for image sets: the demo pictures, and sets the user added.
import { basename, dirname, resolve } from 'node:path'
import type { EvaluationApi, EvaluationEvents } from '../../../shared/evaluation/measurements.ts'
import { openImageSet, type ImageSet } from '../../runs/evaluation/image-set.ts'
import { addSet, listSets, readSetPicture, removeSet, setPath } from '../../workspace/image-sets.ts'
import { withoutFolders } from '../folders.ts'

export interface ImageSets {
  readonly calls: Pick<EvaluationApi, 'listImageSets' | 'removeImageSet' | 'readSetPicture'>
  /** Paths are from a host on this machine, or of copies in the workspace. */
  readonly add: (paths: readonly string[]) => Promise<void>
}

/** How long a set stays open: opening 50,000 pictures takes a second, and they are requested a few at a time. */
const OPEN_MS = 30_000

export function imageSetCalls(
  workspace: string,
  { imageSetsChanged }: Pick<EvaluationEvents, 'imageSetsChanged'>,
): ImageSets {
  const open = new Map<string, Promise<ImageSet>>()
  const setAt = (path: string): Promise<ImageSet> => {
    const set = open.get(path) ?? openImageSet(path)
    if (!open.has(path)) {
      open.set(path, set)
      const forget = () => void open.delete(path)
      set.catch(forget)
      setTimeout(forget, OPEN_MS).unref()
    }
    return set
  }
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
        return withoutPlace(path, async () => readSetPicture(await setAt(path), image))
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

/** Errors name the set, not its path. */
export async function withoutPlace<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error)
      error.message = withoutFolders(error.message, [dirname(path)]).replaceAll(path, basename(path))
    throw error
  }
}
