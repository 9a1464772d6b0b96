// favourites.json in the workspace <-> the images someone marked, in the order they were marked.
import { join } from 'node:path'
import * as z from 'zod'
import type { ImageName } from '../../shared/contract/api.ts'
import { ImageNumberSchema, ImageRunIdSchema } from '../../shared/run/run.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { readJsonFile } from '../records/json-file.ts'
import { editLocked } from '../records/edit-lock.ts'

const FILE = 'favourites.json'

/** Of `favourites.json`. */
export const FavouritesSchema = z.object({
  schema: z.literal(1),
  favourites: z.array(z.object({ run: ImageRunIdSchema, image: ImageNumberSchema })),
})

/** Empty if there is no file. Throws FormatError for an invalid file. */
export async function readFavourites(workspace: string): Promise<readonly ImageName[]> {
  return (await readJsonFile(join(workspace, FILE), FavouritesSchema))?.favourites ?? []
}

/** Appends an image to the file, or removes it, safely with other processes. Returns the new content. */
export async function markFavourite(
  workspace: string,
  { run, image }: ImageName,
  favourite: boolean,
): Promise<readonly ImageName[]> {
  await makeFolder(workspace)
  return editLocked(join(workspace, `${FILE}.lock`), async () => {
    const others = (await readFavourites(workspace)).filter(
      (name) => name.run !== run || name.image !== image,
    )
    const favourites = favourite ? [...others, { run, image }] : others
    await writeFileAtomic(join(workspace, FILE), JSON.stringify({ schema: 1, favourites }, null, 1) + '\n')
    return favourites
  })
}
