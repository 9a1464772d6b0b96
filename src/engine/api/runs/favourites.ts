// The part of the contract for favourites: marked images, stored in the workspace.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineApi, EngineEvents, ImageName } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import { findPacked } from '../../bytes/index.ts'
import { imageName, runFolder } from '../../records/workspace.ts'
import { markFavourite, readFavourites } from '../../workspace/favourites.ts'

export interface Favourites {
  readonly calls: Pick<EngineApi, 'setFavourite'>
  /** Empty if the file is invalid: marking an image then reports why, and leaves the file unchanged. */
  all(): Promise<readonly ImageName[]>
}

export function favouriteCalls(
  workspace: string,
  { favouritesChanged }: Pick<EngineEvents, 'favouritesChanged'>,
): Favourites {
  const set = async (run: string, image: number, favourite: boolean) => {
    const path = join(runFolder(workspace, run), 'images', imageName(image))
    if (favourite && !(await stat(path).catch(() => findPacked(path))))
      throw new RequestError(`run '${run}': image ${image} not found`)
    favouritesChanged(await markFavourite(workspace, { run, image }, favourite))
  }
  return {
    all: () => readFavourites(workspace).catch(() => []),
    calls: {
      setFavourite: set,
    },
  }
}
