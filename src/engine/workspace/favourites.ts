// favourites.json in the workspace <-> the images someone marked, in the order they were marked.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageName } from '../../shared/contract/api.ts'
import { FormatError } from '../../shared/errors.ts'
import { ImageNumberSchema, ImageRunIdSchema } from '../../shared/run/run.ts'
import { writeFileAtomic } from '../bytes/index.ts'
import { editLocked } from '../records/edit-lock.ts'
import { parseJson } from '../../shared/plain-json.ts'

const FILE = 'favourites.json'

/** Empty if there is no file. Throws FormatError for an invalid file. */
export async function readFavourites(workspace: string): Promise<readonly ImageName[]> {
  const text = await readFile(join(workspace, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new FormatError(FILE, error.message)
  })
  if (text === undefined) return []
  try {
    const { schema, favourites } = parseJson(text) as { schema?: unknown; favourites?: unknown }
    if (schema === 1 && Array.isArray(favourites)) return favourites.map(checkedName)
  } catch (error) {
    throw new FormatError(FILE, (error as Error).message)
  }
  throw new FormatError(FILE, 'not a list of favourites (schema 1)')
}

/** Appends an image to the file, or removes it, safely with other processes. Returns the new content. */
export async function markFavourite(
  workspace: string,
  { run, image }: ImageName,
  favourite: boolean,
): Promise<readonly ImageName[]> {
  await mkdir(workspace, { recursive: true })
  return editLocked(join(workspace, `${FILE}.lock`), async () => {
    const others = (await readFavourites(workspace)).filter(
      (name) => name.run !== run || name.image !== image,
    )
    const favourites = favourite ? [...others, { run, image }] : others
    await writeFileAtomic(join(workspace, FILE), JSON.stringify({ schema: 1, favourites }, null, 1) + '\n')
    return favourites
  })
}

function checkedName(entry: unknown): ImageName {
  const { run, image } = (entry ?? {}) as { run?: unknown; image?: unknown }
  return { run: ImageRunIdSchema.parse(run), image: ImageNumberSchema.parse(image) }
}
